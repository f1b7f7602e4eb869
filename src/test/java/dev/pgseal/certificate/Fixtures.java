package dev.pgseal.certificate;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.assertj.core.api.Assertions;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;

/** Material that several tests use; keys are made once, since RSA ones take a second. */
final class Fixtures {

  static final Clock CLOCK = Clock.systemUTC();
  static final Duration YEAR = Duration.ofDays(365);
  static final Authority AUTHORITY = Authority.create(AuthorityProfile.of("Test CA"), CLOCK);
  static final KeyMaterial EC_KEY = KeyType.ECDSA_P256.generate();
  static final KeyMaterial RSA_KEY = KeyType.RSA_3072.generate();
  static final KeyMaterial ED25519_KEY = KeyType.ED25519.generate();

  private static final Map<KeyType, KeyMaterial> KEYS =
      new ConcurrentHashMap<>(
          Map.of(
              KeyType.ECDSA_P256, EC_KEY,
              KeyType.RSA_3072, RSA_KEY,
              KeyType.ED25519, ED25519_KEY));
  private static final Map<KeyType, Authority> ROOTS = new ConcurrentHashMap<>();
  private static final Map<KeyType, Authority> ISSUING = new ConcurrentHashMap<>();

  private Fixtures() {}

  /** The one key of that type. */
  static KeyMaterial key(KeyType type) {
    return KEYS.computeIfAbsent(type, KeyType::generate);
  }

  /** A root with a key of that type. */
  static Authority root(KeyType type) {
    return ROOTS.computeIfAbsent(type, t -> Authority.create(profile("Root", t), CLOCK));
  }

  /** An intermediate authority below {@link #root}, with a key of that type too. */
  static Authority issuing(KeyType type) {
    return ISSUING.computeIfAbsent(
        type, t -> root(t).createIntermediate(profile("Issuing", t), CLOCK));
  }

  private static AuthorityProfile profile(String name, KeyType type) {
    return new AuthorityProfile(
        name,
        null,
        type,
        YEAR,
        null,
        AuthorityPolicy.DEFAULT,
        Set.of(Acceptance.SIGNATURE_WITHOUT_CHANNEL_BINDING));
  }

  static ServerCertificateRequest request(String... endpoints) {
    return new ServerCertificateRequest(List.of(endpoints), YEAR, KeyType.ECDSA_P256);
  }

  static String pem(KeyMaterial key) {
    return new String(key.pkcs8Pem(), US_ASCII);
  }

  /** PEM of whatever Bouncy Castle's writer knows, which is the traditional form for keys. */
  static String pem(Object object) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(object);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  static KeyPair rsa(int bits) {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA", BouncyCastle.PROVIDER);
      generator.initialize(bits);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  static PgsealException refusal(ThrowingCallable call) {
    return Assertions.catchThrowableOfType(PgsealException.class, call);
  }

  static PgsealException refusal(ProblemType type, ThrowingCallable call) {
    PgsealException refusal = refusal(call);
    Assertions.assertThat(refusal).isNotNull();
    Assertions.assertThat(refusal.type()).isEqualTo(type);
    return refusal;
  }
}
