package dev.pgseal.it;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.pgseal.embedded.LoopbackPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.Key;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jose4j.json.JsonUtil;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;

/**
 * An OpenID provider on loopback, as far as a resource server sees one: discovery document, JWKS,
 * signed access tokens, keys that are rotated. It can be stopped and started on the same port.
 */
final class OpenIdProvider implements AutoCloseable {

  static final String AUDIENCE = "pgseal";
  private static final float VALID_MINUTES = 5;

  private final int port = LoopbackPort.free();
  private final List<PublicJsonWebKey> keys = new ArrayList<>();
  private HttpServer server;

  OpenIdProvider() {
    rotate(rsa());
  }

  OpenIdProvider start() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.createContext("/.well-known/openid-configuration", e -> answer(e, discovery()));
    server.createContext("/jwks", e -> answer(e, jwks()));
    server.start();
    return this;
  }

  @Override
  public void close() {
    if (server != null) {
      server.stop(0);
      server = null;
    }
  }

  String issuer() {
    return "http://127.0.0.1:" + port;
  }

  private String discovery() {
    return JsonUtil.toJson(
        Map.of(
            "issuer", issuer(),
            "jwks_uri", issuer() + "/jwks",
            "authorization_endpoint", issuer() + "/authorize",
            "token_endpoint", issuer() + "/token",
            "response_types_supported", List.of("code"),
            "subject_types_supported", List.of("public"),
            "id_token_signing_alg_values_supported", List.of("RS256", "ES256")));
  }

  private synchronized String jwks() {
    return new JsonWebKeySet(keys).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
  }

  private static void answer(HttpExchange exchange, String json) throws IOException {
    byte[] body = json.getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  /** From now on tokens are signed with this key, and no other one is published. */
  synchronized void rotate(PublicJsonWebKey next) {
    keys.clear();
    keys.add(next);
  }

  synchronized PublicJsonWebKey key() {
    return keys.get(0);
  }

  static PublicJsonWebKey rsa() {
    try {
      return named(RsaJwkGenerator.generateJwk(2048), AlgorithmIdentifiers.RSA_USING_SHA256);
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  static PublicJsonWebKey ec() {
    try {
      return named(
          EcJwkGenerator.generateJwk(EllipticCurves.P256),
          AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256);
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }

  private static PublicJsonWebKey named(PublicJsonWebKey key, String algorithm) {
    key.setKeyId(UUID.randomUUID().toString());
    key.setAlgorithm(algorithm);
    key.setUse("sig");
    return key;
  }

  /** Claims of a good token, to be spoilt by a test. */
  JwtClaims claims(String subject, String... groups) {
    JwtClaims claims = new JwtClaims();
    claims.setIssuer(issuer());
    claims.setAudience(AUDIENCE);
    claims.setSubject(subject);
    claims.setIssuedAtToNow();
    claims.setExpirationTimeMinutesInTheFuture(VALID_MINUTES);
    claims.setStringListClaim("groups", groups);
    return claims;
  }

  static NumericDate secondsFromNow(long seconds) {
    NumericDate date = NumericDate.now();
    date.addSeconds(seconds);
    return date;
  }

  /** An access token of this provider. */
  String token(String subject, String... groups) {
    return sign(claims(subject, groups));
  }

  String sign(JwtClaims claims) {
    return sign(claims, key(), key().getPrivateKey(), key().getAlgorithm());
  }

  /**
   * @param named whose id is in the header
   * @param key that signs, null for none
   */
  static String sign(JwtClaims claims, PublicJsonWebKey named, Key key, String algorithm) {
    JsonWebSignature jws = new JsonWebSignature();
    jws.setAlgorithmConstraints(AlgorithmConstraints.NO_CONSTRAINTS);
    jws.setDoKeyValidation(false);
    jws.setPayload(claims.toJson());
    jws.setKey(key);
    jws.setKeyIdHeaderValue(named.getKeyId());
    jws.setAlgorithmHeaderValue(algorithm);
    try {
      return jws.getCompactSerialization();
    } catch (JoseException e) {
      throw new IllegalStateException(e);
    }
  }
}
