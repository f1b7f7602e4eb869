package dev.pgseal.acme;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.embedded.LoopbackPort;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/**
 * A CA that speaks ACME: the command {@code pebble} with a new root, a DNS server of its own that
 * it really asks, and a webhook that fills it. It refuses one good nonce out of five.
 */
public final class Pebble implements AutoCloseable {

  /** The account that the CA knows by other means. */
  public static final String KEY_ID = "kid-1";

  public static final String MAC_KEY =
      "zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W";

  /** A domain that it issues nothing for. */
  public static final String BLOCKED = "blocked.example.com";

  private static final Duration TIMEOUT = Duration.ofMinutes(2);

  /** Somebody else may take a port that was free. */
  private static final int ATTEMPTS = 3;

  private static final Authority TLS =
      Authority.create(AuthorityProfile.of("TLS of the test CA"), Clock.systemUTC());

  private final Path directory;
  private final int port = LoopbackPort.free();
  private final int managementPort = LoopbackPort.free();
  private final ChallengeServer challenges;
  private final DnsHook hook;
  private final ChildProcess process;
  private final HttpClient http =
      HttpClient.newBuilder().sslContext(TrustedRoots.only(TLS.bundle())).build();

  private Pebble(boolean bindingRequired, Map<String, String> environment) {
    ChildProcess.requirePebble();
    try {
      directory = Files.createTempDirectory("pebble");
      challenges = ChallengeServer.start(directory);
      hook = new DnsHook(challenges);
      writeTlsFiles();
      Path config = directory.resolve("config.json");
      new ObjectMapper().writeValue(config.toFile(), Map.of("pebble", config(bindingRequired)));
      process =
          ChildProcess.start(
              List.of("pebble", "-config", "config.json", "-dnsserver", challenges.dnsAddress()),
              environment,
              directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One that opens an account for everybody. */
  public static Pebble start() {
    return start(false, Map.of());
  }

  /** One that opens an account only for {@link #KEY_ID}. */
  public static Pebble startForItsCustomers() {
    return start(true, Map.of());
  }

  /**
   * @param bindingRequired only for {@link #KEY_ID}
   * @param more of pebble's environment variables
   */
  static Pebble start(boolean bindingRequired, Map<String, String> more) {
    Map<String, String> environment =
        new HashMap<>(
            Map.of(
                "PEBBLE_VA_NOSLEEP", "1",
                "PEBBLE_WFE_NONCEREJECT", "20",
                "PEBBLE_AUTHZREUSE", "100"));
    environment.putAll(more);
    for (int attempt = 1; ; attempt++) {
      Pebble pebble = new Pebble(bindingRequired, environment);
      Awaitility.await("readiness of pebble").atMost(TIMEOUT).until(pebble::isReadyOrEnded);
      if (pebble.process.isAlive()) {
        return pebble;
      }
      String log = pebble.log();
      pebble.close();
      if (attempt == ATTEMPTS) {
        throw new IllegalStateException("pebble has ended: " + log);
      }
    }
  }

  private boolean isReadyOrEnded() {
    try {
      return !process.isAlive() || !get(directory()).isEmpty();
    } catch (UncheckedIOException e) {
      return false;
    }
  }

  public URI directory() {
    return URI.create("https://127.0.0.1:%d/dir".formatted(port));
  }

  /** PEM of what verifies the TLS of its directory. */
  public String directoryRoots() {
    return TLS.bundle();
  }

  /** PEM of the root below which it issues; the alternatives have numbers from 1. */
  public String root(int number) {
    return get(URI.create("https://127.0.0.1:%d/roots/%d".formatted(managementPort, number)));
  }

  public DnsHook hook() {
    return hook;
  }

  ChallengeServer challenges() {
    return challenges;
  }

  /** What it did and why. */
  String log() {
    return process.log();
  }

  /** Files that identify a TLS server on 127.0.0.1 that {@link #directoryRoots()} verify. */
  Path tlsCertificate() {
    return directory.resolve("tls.crt");
  }

  Path tlsKey() {
    return directory.resolve("tls.key");
  }

  private void writeTlsFiles() throws IOException {
    KeyMaterial key = KeyType.ECDSA_P256.generate();
    IssuedCertificate issued =
        TLS.issueServer(
            ServerCertificateRequest.of("127.0.0.1", "localhost"),
            key.publicKey(),
            Clock.systemUTC());
    Files.writeString(tlsCertificate(), issued.chainPem());
    Files.write(tlsKey(), key.pkcs8Pem());
  }

  private Map<String, Object> config(boolean bindingRequired) {
    return Map.of(
        "listenAddress", "127.0.0.1:" + port,
        "managementListenAddress", "127.0.0.1:" + managementPort,
        "certificate", tlsCertificate().toString(),
        "privateKey", tlsKey().toString(),
        "httpPort", challenges.httpPort(),
        "tlsPort", LoopbackPort.free(),
        "externalAccountBindingRequired", bindingRequired,
        "externalAccountMACKeys", Map.of(KEY_ID, MAC_KEY),
        "domainBlocklist", List.of(BLOCKED));
  }

  private String get(URI uri) {
    try {
      HttpResponse<String> response =
          http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString());
      if (response.statusCode() != 200) {
        throw new IllegalStateException(uri + " answered " + response.statusCode());
      }
      return response.body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.close();
    hook.close();
    challenges.close();
    try (Stream<Path> files = Files.list(directory)) {
      files.forEach(file -> file.toFile().delete());
      Files.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
