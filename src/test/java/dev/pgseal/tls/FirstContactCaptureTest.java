package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.CapturingProxy;
import dev.pgseal.testing.HostCommands;
import dev.pgseal.testing.KeyFileWatcher;
import dev.pgseal.testing.KeyTraces;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What passes on the wire, over loopback too, while a server that has no TLS yet gets its first
 * certificate.
 */
class FirstContactCaptureTest {

  private final TlsFixture tls = new TlsFixture();

  @AfterEach
  void close() {
    tls.close();
  }

  static List<Arguments> ways() {
    List<Arguments> ways = new ArrayList<>();
    for (int major : PostgresMajors.Provider.tested()) {
      if (major == PostgresMajors.OLDEST || major == PostgresServer.latestMajor()) {
        for (var mode : List.of(ConnectionSslMode.PREFER, ConnectionSslMode.DISABLE)) {
          ways.add(Arguments.of(major, mode));
        }
      }
    }
    return ways;
  }

  @ParameterizedTest(name = "PostgreSQL {0}, {1}")
  @MethodSource("ways")
  void aKeyMadeOnTheServerIsNeverOnTheWire(int major, ConnectionSslMode mode) throws IOException {
    assumeThat(OpenSslOnPath.installed()).isTrue();
    try (PostgresServer postgres = PostgresServer.start(major);
        CapturingProxy proxy = new CapturingProxy(postgres)) {
      InstalledCertificate installed =
          tls.install(behind(proxy, mode), new CertificateSource.FromAuthority(authority()));

      assertThat(installed.keyOrigin()).isEqualTo(KeyOrigin.MADE_ON_SERVER);
      assertThat(proxy.seenText()).contains("openssl req -new");
      assertThat(finalKey(postgres).in(proxy.seen())).isEmpty();
    }
  }

  @ParameterizedTest(name = "PostgreSQL {0}, {1}")
  @MethodSource("ways")
  @HostCommands("lacks openssl")
  void aKeyMadeHereGoesOverTheTlsThatAThrowAwayKeyTurnsOn(int major, ConnectionSslMode mode)
      throws IOException {
    try (PostgresServer postgres = PostgresServer.builder(major).without("openssl").start();
        CapturingProxy proxy = new CapturingProxy(postgres)) {
      requireThrowAway(postgres, proxy, mode, new CertificateSource.FromAuthority(authority()));
    }
  }

  @ParameterizedTest(name = "PostgreSQL {0}, {1}")
  @MethodSource("ways")
  void aKeyThatWasBroughtAlongGoesOverTheTlsThatAThrowAwayKeyTurnsOn(
      int major, ConnectionSslMode mode) throws IOException {
    KeyFiles.Pair pair = KeyFiles.Pair.create();
    try (PostgresServer postgres = PostgresServer.start(major);
        CapturingProxy proxy = new CapturingProxy(postgres)) {
      requireThrowAway(
          postgres,
          proxy,
          mode,
          new CertificateSource.Provided(pair.certificate().chainPem(), pair.keyPem(), null));
      assertThat(Files.readString(keyFile(postgres))).isEqualTo(pair.keyPem());
    }
  }

  private void requireThrowAway(
      PostgresServer postgres,
      CapturingProxy proxy,
      ConnectionSslMode mode,
      CertificateSource source)
      throws IOException {
    Set<String> lay;
    try (KeyFileWatcher watcher = new KeyFileWatcher(postgres)) {
      InstalledCertificate installed = tls.install(behind(proxy, mode), source);
      lay = watcher.keys();
      assertThat(finalKey(postgres).in(proxy.seen())).isEmpty();
      assertThat(installed.keyOrigin()).isEqualTo(KeyOrigin.SENT_AFTER_FIRST_CONTACT);
    }

    String last = Files.readString(keyFile(postgres));
    List<String> throwAway = lay.stream().filter(key -> !key.equals(last)).toList();
    assertThat(throwAway).hasSize(1);
    assertThat(new KeyTraces().add("throw-away key", throwAway.get(0)).in(proxy.seen()))
        .as("what is sent in plaintext is seen in the capture")
        .contains("throw-away key in base64 of PEM");
  }

  /** TLS that is there already is used for a key, also by a login that is registered without. */
  @ParameterizedTest(name = "PostgreSQL {0}, {1}")
  @MethodSource("ways")
  @HostCommands("lacks openssl")
  void whereTlsIsServedAlreadyTheKeyGoesOverIt(int major, ConnectionSslMode mode)
      throws IOException {
    try (PostgresServer postgres = PostgresServer.builder(major).without("openssl").start();
        CapturingProxy proxy = new CapturingProxy(postgres)) {
      ManagedServer server = behind(proxy, mode);
      tls.serveTls(server);
      KeyFiles.Pair pair = KeyFiles.Pair.create();

      InstalledCertificate installed =
          tls.install(
              server,
              new CertificateSource.Provided(pair.certificate().chainPem(), pair.keyPem(), null));

      assertThat(finalKey(postgres).in(proxy.seen())).isEmpty();
      assertThat(installed.keyOrigin()).isEqualTo(KeyOrigin.SENT_OVER_TLS);
      assertThat(tls.served(postgres)).isEqualTo(pair.fingerprint());
    }
  }

  @ParameterizedTest(name = "PostgreSQL {0}, {1}")
  @MethodSource("ways")
  void aKeySentCarelesslyWouldBeFound(int major, ConnectionSslMode mode)
      throws IOException, SQLException {
    String pem = KeyFiles.Pair.create().keyPem();
    KeyTraces traces = new KeyTraces().add("key", pem);
    try (PostgresServer postgres = PostgresServer.start(major);
        CapturingProxy proxy = new CapturingProxy(postgres);
        var session =
            DriverManager.getConnection(
                "jdbc:postgresql://%s:%d/postgres?sslmode=%s"
                    .formatted(proxy.host(), proxy.port(), mode.parameter()),
                PostgresServer.SUPERUSER,
                PostgresServer.PASSWORD);
        var statement = session.prepareStatement("SELECT set_config('a.b', ?, false)")) {
      statement.setString(1, pem);
      statement.execute();
      assertThat(traces.in(proxy.seen())).contains("key in base64");

      statement.setString(
          1, Base64.getMimeEncoder().encodeToString(pem.getBytes(StandardCharsets.US_ASCII)));
      statement.execute();
      assertThat(traces.in(proxy.seen())).contains("key in base64 of PEM");
    }
  }

  private String authority() {
    tls.authorities.create("corp", AuthorityProfile.of("Corp CA"));
    return "corp";
  }

  private ManagedServer behind(CapturingProxy proxy, ConnectionSslMode mode) {
    return tls.register("orders", proxy.host(), proxy.port(), mode);
  }

  private static KeyTraces finalKey(PostgresServer postgres) throws IOException {
    return new KeyTraces().add("final key", Files.readString(keyFile(postgres)));
  }

  private static Path keyFile(PostgresServer postgres) {
    return postgres.dataDirectory().resolve("pgseal/current/server.key");
  }
}
