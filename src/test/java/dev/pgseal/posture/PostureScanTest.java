package dev.pgseal.posture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.postgres.Fingerprints;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.TlsMode;
import dev.pgseal.testing.Configs;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import dev.pgseal.tls.SslState;
import dev.pgseal.tls.TlsFixture;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Scans of real servers. */
class PostureScanTest {

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private static final Proved NOTHING = new Proved(null, null, Map.of());

  private final TlsFixture tls = new TlsFixture();
  private final PostureScan scan =
      new PostureScan(
          tls.wire,
          tls.states,
          new InsideReader(
              tls.access, tls.settings, tls.connections, tls.facts, tls.loader, tls.refused),
          tls.twins,
          Configs.of(PostureConfig.class, Map.of()),
          tls.clock);

  @AfterEach
  void close() {
    tls.close();
  }

  @ParameterizedTest
  @ValueSource(ints = {PostgresMajors.OLDEST, PostgresMajors.LATEST})
  void aServerGetsBetterFromOffToOfferedToEnforced(int major) throws SQLException {
    PostgresServer postgres = fresh(major);
    ManagedServer server = tls.register("orders", postgres);

    try (Connection plaintext =
        postgres.connect(PostgresServer.SUPERUSER, PostgresServer.PASSWORD, "disable")) {
      assertThat(plaintext.isValid(5)).isTrue();
      Posture off = scan.scan(server, NOTHING).posture();
      assertThat(off.grade()).isEqualTo(Grade.F);
      assertThat(off.mode()).isEqualTo(SslState.Mode.OFF);
      assertThat(off.reachable()).isTrue();
      assertThat(off.plaintextSessions()).isEqualTo(new PlaintextSessions(1, 1, 0, 0));
      assertThat(codes(off))
          .contains(
              FindingCode.TLS_OFF, FindingCode.PLAINTEXT_ADMITTED, FindingCode.PLAINTEXT_SESSIONS);
      assertThat(off.certificate()).isNull();
      assertThat(off.protocols().oldProtocols().outcome()).isEqualTo(ProtocolFloor.Outcome.UNKNOWN);
    }

    tls.serveTls(server);
    Posture offered = scan.scan(server, NOTHING).posture();
    assertThat(offered.mode()).isEqualTo(SslState.Mode.OFFERED);
    assertThat(offered.grade()).isEqualTo(Grade.D);
    assertThat(offered.findings().get(0).code()).isEqualTo(FindingCode.PLAINTEXT_ADMITTED);
    assertThat(offered.findings().get(0).file()).isEqualTo(postgres.hbaFile().toString());
    assertThat(offered.findings().get(0).line()).isEqualTo(3);

    tls.enforce(server);
    Posture enforced = scan.scan(server, NOTHING).posture();
    assertThat(enforced.findings())
        .allSatisfy(f -> assertThat(f.severity()).isEqualTo(Severity.INFO));
    assertThat(enforced.grade()).isEqualTo(Grade.A);
    assertThat(enforced.mode()).isEqualTo(SslState.Mode.ENFORCED);
    assertThat(enforced.plaintextSessions().count()).isZero();
    assertThat(enforced.certificate().fingerprint()).isEqualTo(tls.served(postgres));
    assertThat(enforced.uncoveredEndpoints()).isEmpty();
    assertThat(enforced.protocols().minProtocolVersion()).isEqualTo("TLSv1.2");
    assertThat(enforced.protocols().oldProtocols().outcome())
        .isEqualTo(ProtocolFloor.Outcome.REFUSED);
    assertThat(enforced.protocols().weakCiphers().outcome())
        .isEqualTo(ProtocolFloor.Outcome.REFUSED);
  }

  @Test
  void whatWasChangedByHandIsDriftWithItsPlace() {
    PostgresServer postgres = fresh(PostgresServer.latestMajor());
    ManagedServer server = wanting(TlsMode.ENFORCED, tls.register("orders", postgres));
    tls.serveTls(server);
    tls.enforce(server);
    Map<String, String> settings = scan.scan(server, NOTHING).settings();
    Proved proved =
        new Proved(
            tls.served(postgres),
            Fingerprints.sha256(postgres.hba().getBytes(StandardCharsets.UTF_8)),
            settings);
    assertThat(scan.scan(server, proved).posture().grade()).isEqualTo(Grade.A);

    postgres.writeHba(postgres.hba() + "host app app 10.0.0.0/8 trust\n");
    postgres.execute("ALTER SYSTEM SET ssl_min_protocol_version = 'TLSv1.3'");
    postgres.reload();
    Posture drifted = scan.scan(server, proved).posture();

    assertThat(drifted.grade()).isEqualTo(Grade.F);
    assertThat(codes(drifted))
        .contains(
            FindingCode.DRIFT_MODE,
            FindingCode.DRIFT_RULES,
            FindingCode.DRIFT_SETTINGS,
            FindingCode.PLAINTEXT_ADMITTED,
            FindingCode.TRUST_OVER_NETWORK)
        .doesNotContain(FindingCode.DRIFT_CERTIFICATE);
    int last = (int) postgres.hba().lines().count();
    assertThat(drifted.findings())
        .filteredOn(f -> f.code() == FindingCode.TRUST_OVER_NETWORK)
        .singleElement()
        .satisfies(f -> assertThat(f.line()).isEqualTo(last));
    assertThat(drifted.findings())
        .filteredOn(f -> f.code() == FindingCode.DRIFT_SETTINGS)
        .singleElement()
        .satisfies(f -> assertThat(f.detail()).contains("ssl_min_protocol_version", "1.3", "1.2"));
  }

  @Test
  void anExceptionThatWasAskedForIsSaidAndItsSessionsAreNotCountedAsPlaintext()
      throws SQLException {
    PostgresServer postgres = fresh(PostgresServer.latestMajor());
    ManagedServer server = tls.register("orders", postgres);
    tls.serveTls(server);
    tls.enforce(server, ConversionOptions.DEFAULT.withLoopback(ConversionOptions.Loopback.KEEP));
    try (Connection plaintext =
        postgres.connect(PostgresServer.SUPERUSER, PostgresServer.PASSWORD, "disable")) {
      assertThat(plaintext.isValid(5)).isTrue();

      Posture posture = scan.scan(server, NOTHING).posture();

      assertThat(posture.mode()).isEqualTo(SslState.Mode.ENFORCED);
      assertThat(posture.grade()).isEqualTo(Grade.B);
      assertThat(posture.plaintextSessions()).isEqualTo(new PlaintextSessions(0, 0, 1, 0));
      assertThat(codes(posture))
          .contains(FindingCode.PLAINTEXT_EXCEPTED)
          .doesNotContain(FindingCode.PLAINTEXT_ADMITTED, FindingCode.PLAINTEXT_SESSIONS);
    }
  }

  @Test
  void anotherCertificateThanTheInstalledOneIsDrift() {
    PostgresServer postgres = fresh(PostgresServer.latestMajor());
    ManagedServer server = tls.register("orders", postgres);
    tls.serveTls(server);

    Posture posture = scan.scan(server, new Proved("00ff", null, Map.of())).posture();

    assertThat(codes(posture)).contains(FindingCode.DRIFT_CERTIFICATE);
  }

  @ParameterizedTest
  @ValueSource(ints = {PostgresMajors.OLDEST, PostgresMajors.LATEST})
  void oldProtocolsAndWeakCiphersAreSeenInTheHandshake(int major) {
    PostgresServer postgres = fresh(major);
    ManagedServer server = tls.register("orders", postgres);
    tls.serveTls(server);
    postgres.execute(
        "ALTER SYSTEM SET ssl_min_protocol_version = 'TLSv1'",
        "ALTER SYSTEM SET ssl_ciphers = 'ALL:eNULL:aNULL:@SECLEVEL=0'");
    postgres.reload();

    Posture posture = scan.scan(server, NOTHING).posture();

    assertThat(posture.protocols().oldProtocols().accepted()).startsWith("TLSv1.1 TLS_");
    assertThat(posture.protocols().weakCiphers().accepted()).startsWith("TLSv1.2 TLS_");
    assertThat(codes(posture)).contains(FindingCode.OLD_PROTOCOL, FindingCode.WEAK_CIPHER);
  }

  @Test
  void aServerThatIsGoneIsUnknownAndNothingElseIsSaid() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      ManagedServer server = tls.register("orders", postgres);
      postgres.stop();

      Posture posture = scan.scan(server, NOTHING).posture();

      assertThat(posture.grade()).isEqualTo(Grade.UNKNOWN);
      assertThat(posture.reachable()).isFalse();
      assertThat(posture.plaintextSessions().count()).isNull();
      assertThat(codes(posture)).containsExactly(FindingCode.UNREACHABLE);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {PostgresMajors.OLDEST, PostgresMajors.LATEST})
  void aRoleThatMaySeeLittleGetsNoGoodGradeAndIsToldWhatItLacks(int major) throws SQLException {
    PostgresServer postgres = fresh(major);
    tls.enforce(served(tls.register("orders", postgres)));
    postgres.execute("DROP ROLE IF EXISTS looker", "CREATE ROLE looker LOGIN PASSWORD 'looker'");
    ManagedServer server =
        tls.register("orders", postgres, ConnectionSslMode.PREFER, "looker", "looker");

    try (Connection other = postgres.connect()) {
      assertThat(other.isValid(5)).isTrue();
      Posture posture = scan.scan(server, NOTHING).posture();

      assertThat(posture.reachable()).isTrue();
      assertThat(posture.certificate()).isNotNull();
      assertThat(posture.plaintextSessions().count()).as("unknown is not zero").isNull();
      assertThat(posture.plaintextSessions().hidden()).isPositive();
      assertThat(codes(posture)).contains(FindingCode.NOT_VISIBLE, FindingCode.MODE_UNKNOWN);
      assertThat(posture.grade()).isGreaterThanOrEqualTo(Grade.D);
      assertThat(posture.findings())
          .filteredOn(f -> f.code() == FindingCode.NOT_VISIBLE)
          .allSatisfy(f -> assertThat(f.cure()).containsAnyOf("GRANT", "SUPERUSER"));
    }
  }

  @Test
  void aRoleThatIsRefusedStillSeesWhatIsServed() {
    PostgresServer postgres = fresh(PostgresServer.latestMajor());
    served(tls.register("orders", postgres));
    ManagedServer server =
        tls.register("orders", postgres, ConnectionSslMode.PREFER, "postgres", "wrong-password");

    Posture posture = scan.scan(server, NOTHING).posture();

    assertThat(posture.certificate()).isNotNull();
    assertThat(codes(posture))
        .contains(
            FindingCode.NOT_VISIBLE, FindingCode.MODE_UNKNOWN, FindingCode.PLAINTEXT_ADMITTED);
    assertThat(posture.toString()).doesNotContain("wrong-password");
  }

  @ParameterizedTest
  @ValueSource(ints = {PostgresMajors.OLDEST, PostgresMajors.LATEST})
  void aScanChangesNothingAndLogsLittle(int major) throws IOException {
    PostgresServer postgres = fresh(major);
    ManagedServer server = served(tls.register("orders", postgres));
    tls.enforce(server);
    String settings =
        "SELECT string_agg(name || '=' || setting, E'\\n' ORDER BY name) FROM pg_settings";
    String settingsBefore = postgres.query(settings);
    Map<String, String> filesBefore = files(postgres);
    long logged = postgres.log().lines().count();

    assertThat(scan.scan(server, NOTHING).posture().grade()).isEqualTo(Grade.A);

    assertThat(postgres.query(settings)).isEqualTo(settingsBefore);
    assertThat(files(postgres)).isEqualTo(filesBefore);
    assertThat(postgres.log().lines().skip(logged).toList()).hasSizeLessThanOrEqualTo(8);
  }

  /** Everything that configures it, by path: SHA-256, modification time and permissions. */
  private static Map<String, String> files(PostgresServer postgres) throws IOException {
    Map<String, String> files = new TreeMap<>();
    Path data = postgres.dataDirectory();
    try (Stream<Path> all = Files.walk(data)) {
      for (Path file : all.filter(Files::isRegularFile).toList()) {
        String path = data.relativize(file).toString();
        if (path.startsWith("pgseal") || !path.contains("/")) {
          files.put(
              path,
              Fingerprints.sha256(Files.readAllBytes(file))
                  + Files.getLastModifiedTime(file)
                  + Files.getPosixFilePermissions(file));
        }
      }
    }
    assertThat(files).containsKeys("pg_hba.conf", "postgresql.conf", "postgresql.auto.conf");
    return files;
  }

  private ManagedServer served(ManagedServer server) {
    tls.serveTls(server);
    return server;
  }

  private static ManagedServer wanting(TlsMode mode, ManagedServer s) {
    return new ManagedServer(
        s.id(),
        s.name(),
        s.host(),
        s.port(),
        s.database(),
        s.username(),
        s.sslMode(),
        s.sslRootCertificate(),
        s.endpoints(),
        s.labels(),
        mode,
        s.revision(),
        s.createdAt(),
        s.updatedAt());
  }

  private static List<FindingCode> codes(Posture posture) {
    return posture.findings().stream().map(PostureFinding::code).toList();
  }

  /** The shared server of a major as it began. */
  private static PostgresServer fresh(int major) {
    PostgresServer postgres = SERVERS.on(major);
    postgres.writeHba(PostgresServer.DEFAULT_HBA);
    postgres.execute("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()");
    return postgres;
  }
}
