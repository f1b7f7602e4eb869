package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.Replication;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReplicationTlsTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static PostgresServer latest;
  private static PostgresServer latestStandby;
  private static String conninfo;

  private final TlsFixture tls = new TlsFixture();

  @BeforeAll
  static void startPair() {
    latest = PostgresServer.latest().start();
    latestStandby = latest.standby();
    conninfo = latestStandby.query("SHOW primary_conninfo");
  }

  @AfterAll
  static void stopPair() {
    latestStandby.close();
    latest.close();
  }

  /** Plaintext again, whatever a test left behind. */
  @BeforeEach
  void reset() {
    latest.writeHba(PostgresServer.DEFAULT_HBA);
    latest.execute("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()");
    follow(latestStandby, conninfo);
    awaitStream(latest, "f");
  }

  @AfterEach
  void close() {
    tls.close();
  }

  @PostgresMajors
  void aStandbyMovesToVerifiedTlsAndBack(int major) throws IOException {
    try (PostgresServer primary = PostgresServer.start(major);
        PostgresServer standby = primary.standby()) {
      ManagedServer orders = tls.register("orders", primary);
      ManagedServer reader = tls.register("reader", standby);
      tls.authorities.create("corp", AuthorityProfile.of("Corp CA"));
      tls.install(orders, new CertificateSource.FromAuthority("corp"));
      tls.change(orders, change -> tls.ssl.enable(change, null));
      PrimaryConninfo before = conninfo(standby);
      String trust = tls.trust.of(orders).orElseThrow();
      ReplicationTls.Undo undo =
          tls.change(reader, change -> tls.replication.prepareUndo(change.session()));

      ReplicationTls.Secured secured = secure(reader, orders, trust);

      assertThat(secured.sslMode()).isEqualTo("verify-full");
      assertThat(secured.remark()).isEmpty();
      PrimaryConninfo after = conninfo(standby);
      assertThat(after.get("sslmode")).contains(secured.sslMode());
      Path file = Path.of(after.get("sslrootcert").orElseThrow());
      assertThat(file).isAbsolute().startsWith(standby.dataDirectory());
      assertThat(Files.readString(file)).isEqualTo(trust);
      assertThat(rest(after)).isEqualTo(rest(before));
      awaitStream(primary, "t");
      assertThat(isSecured(standby, orders)).isTrue();
      primary.execute("CREATE TABLE over_tls AS SELECT 1 AS one");
      primary.awaitReplayedBy(standby);

      release(reader, orders);
      PrimaryConninfo released = conninfo(standby);
      assertThat(rest(released)).isEqualTo(rest(before));
      assertThat(released.get("sslmode")).contains("prefer");
      assertThat(released.get("sslrootcert")).isEmpty();
      assertThat(isSecured(standby, orders)).isFalse();

      secure(reader, orders, trust);
      undo(reader, orders, undo);
      assertThat(conninfo(standby).text()).isEqualTo(released.text());
      primary.awaitReplayedBy(standby);
      assertThat(standby.log())
          .contains("parameter \"primary_conninfo\" changed to")
          .doesNotContain(PostgresServer.REPLICATION_PASSWORD);
    }
  }

  @Test
  void aPasswordOfOddCharactersStillOpensTheStream() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);
    String odd = "we:ird \\ pass'word: ";
    latest.execute("ALTER ROLE replicator PASSWORD '" + odd.replace("'", "''") + "'");
    follow(latestStandby, PrimaryConninfo.parse(conninfo).with("password", odd).text());
    awaitStream(latest, "t");

    secure(reader, orders, tls.trust.of(orders).orElseThrow());

    assertThat(isSecured(latestStandby, orders)).isTrue();
    assertThat(conninfo(latestStandby).get("password")).isEmpty();
    latest.execute("ALTER ROLE replicator PASSWORD '" + PostgresServer.REPLICATION_PASSWORD + "'");
  }

  @Test
  void aCertificateThatDoesNotNameThePrimaryIsVerifiedByItsAuthorityOnlyAndThatIsSaid() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = withEndpoints(tls.register("orders", latest), "db.example.org");
    tls.serveTls(orders);

    ReplicationTls.Secured secured = secure(reader, orders, tls.trust.of(orders).orElseThrow());

    assertThat(secured.sslMode()).isEqualTo("verify-ca");
    assertThat(secured.remark()).contains("does not name 127.0.0.1", "endpoints of orders");
    awaitStream(latest, "t");
  }

  @Test
  void withoutATrustedAuthorityTheStreamIsEncryptedAndSaidNotToBeVerified() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);

    ReplicationTls.Secured secured = secure(reader, orders, null);

    assertThat(secured.sslMode()).isEqualTo("require");
    assertThat(secured.remark()).contains("not verified");
    assertThat(isSecured(latestStandby, orders)).as("verified").isFalse();
    awaitStream(latest, "t");
  }

  @Test
  void aStringWithAnAddressButNoHostIsNotVerifiedByName() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);
    follow(latestStandby, conninfo.replace("host=", "hostaddr="));

    ReplicationTls.Secured secured = secure(reader, orders, tls.trust.of(orders).orElseThrow());

    assertThat(secured.sslMode()).isEqualTo("verify-ca");
    awaitStream(latest, "t");
  }

  @Test
  void severalHostsAreEachVerified() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);
    int port = latest.port();
    follow(
        latestStandby,
        PrimaryConninfo.parse(conninfo)
            .with("host", "127.0.0.1,localhost")
            .with("port", port + "," + port)
            .text());

    ReplicationTls.Secured secured = secure(reader, orders, tls.trust.of(orders).orElseThrow());

    assertThat(secured.sslMode()).isEqualTo("verify-full");
    awaitStream(latest, "t");
  }

  @Test
  void aTrustThatDoesNotFitIsRefusedBeforeTheHealthyStreamIsTornDown() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);
    String stranger = KeyFiles.Pair.create().certificate().chainPem();

    assertRefusedWithTheStreamUnharmed(
        reader, orders, stranger, ProblemType.CERTIFICATE_NOT_SERVED);
  }

  @Test
  void aPrimaryWithoutTlsIsRefusedBeforeTheHealthyStreamIsTornDown() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);

    assertRefusedWithTheStreamUnharmed(reader, orders, null, ProblemType.SSL_NOT_TAKEN);
  }

  private void assertRefusedWithTheStreamUnharmed(
      ManagedServer reader, ManagedServer orders, @Nullable String trust, ProblemType type) {
    String receiver = receiver();
    List<String> settings = tls.autoConf(latestStandby);
    ReplicationTls.Undo undo =
        tls.change(reader, change -> tls.replication.prepareUndo(change.session()));

    PgsealException problem =
        catchThrowableOfType(PgsealException.class, () -> secure(reader, orders, trust));

    assertThat(problem.type()).isEqualTo(type);
    assertThat(receiver()).isEqualTo(receiver);
    undo(reader, orders, undo);
    assertThat(receiver()).as("an undo of nothing").isEqualTo(receiver);
    assertThat(tls.autoConf(latestStandby)).isEqualTo(settings);
  }

  @Test
  void aStreamThatDoesNotComeBackOverTlsComesBackAsItWas() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);
    latest.writeHba("hostssl replication all all reject\n" + PostgresServer.DEFAULT_HBA);
    latest.reload();
    ReplicationTls impatient = impatient();
    String trust = tls.trust.of(orders).orElseThrow();

    PgsealException problem =
        catchThrowableOfType(
            PgsealException.class,
            () -> tls.change(reader, change -> impatient.secure(change, orders, trust)));

    assertThat(problem.type()).isEqualTo(ProblemType.SERVER_FAULT);
    assertThat(problem.members()).containsEntry("undone", true);
    assertThat(problem + problem.members().toString())
        .doesNotContain(PostgresServer.REPLICATION_PASSWORD);
    PrimaryConninfo back = conninfo(latestStandby);
    assertThat(rest(back)).isEqualTo(rest(PrimaryConninfo.parse(conninfo)));
    assertThat(back.get("sslmode")).contains("prefer");
    assertThat(back.get("sslrootcert")).isEmpty();
    awaitStream(latest, "f");
  }

  /** As after a kill between the reload and the look at the stream. */
  @Test
  void aStringThatIsThereAlreadyIsNoProofThatTheStreamCameBack() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);
    String trust = tls.trust.of(orders).orElseThrow();
    secure(reader, orders, trust);
    latest.writeHba("hostssl replication all all reject\n" + PostgresServer.DEFAULT_HBA);
    latest.reload();
    latest.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_replication");
    ReplicationTls impatient = impatient();

    PgsealException problem =
        catchThrowableOfType(
            PgsealException.class,
            () -> tls.change(reader, change -> impatient.secure(change, orders, trust)));

    assertThat(problem).isNotNull();
    assertThat(problem.type()).isEqualTo(ProblemType.SERVER_FAULT);
  }

  private ReplicationTls impatient() {
    return new ReplicationTls(
        new Replication(),
        tls.connections,
        tls.settings,
        tls.files,
        tls.wire,
        tls.access,
        Duration.ofSeconds(1));
  }

  @Test
  void aStandbyWithoutAPrimaryIsRefused() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    follow(latestStandby, "");

    PgsealException problem =
        catchThrowableOfType(PgsealException.class, () -> secure(reader, orders, null));

    assertThat(problem.type()).isEqualTo(ProblemType.ILLEGAL_STATE);
    assertThat(problem.detail()).contains("no primary_conninfo");
  }

  @Test
  void aStandbyWhoseStreamIsDownIsNotSecuredThoughItAsksForIt() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);
    secure(reader, orders, tls.trust.of(orders).orElseThrow());
    assertThat(isSecured(latestStandby, orders)).isTrue();

    follow(
        latestStandby,
        conninfo(latestStandby).without("passfile").with("password", "wrong").text());

    await()
        .atMost(PATIENCE)
        .until(() -> latestStandby.query("SELECT pid FROM pg_stat_wal_receiver") == null);
    assertThat(isSecured(latestStandby, orders)).isFalse();
  }

  private ReplicationTls.Secured secure(
      ManagedServer standby, ManagedServer primary, @Nullable String trust) {
    return tls.change(standby, change -> tls.replication.secure(change, primary, trust));
  }

  private void release(ManagedServer standby, ManagedServer primary) {
    tls.change(
        standby,
        change -> {
          tls.replication.release(change, primary);
          return change;
        });
  }

  private void undo(ManagedServer standby, ManagedServer primary, ReplicationTls.Undo undo) {
    Instant start = Instant.now();
    tls.change(
        standby,
        change -> {
          tls.replication.undo(change, primary, undo);
          return change;
        });
    assertThat(Duration.between(start, Instant.now())).isLessThan(Duration.ofSeconds(25));
  }

  private boolean isSecured(PostgresServer standby, ManagedServer primary) {
    ManagedServer reader = tls.access.require("reader");
    assertThat(reader.port()).isEqualTo(standby.port());
    try (PostgresSession session = tls.access.fresh(reader)) {
      return tls.replication.isSecured(session, primary);
    }
  }

  private ManagedServer withEndpoints(ManagedServer server, String... endpoints) {
    return tls.stores.servers.update(
        new ManagedServer(
            server.id(),
            server.name(),
            server.host(),
            server.port(),
            server.database(),
            server.username(),
            server.sslMode(),
            server.sslRootCertificate(),
            List.of(endpoints),
            Map.of(),
            null,
            2,
            server.createdAt(),
            server.updatedAt()),
        null);
  }

  private static String receiver() {
    return latestStandby.query("SELECT pid || ' ' || status FROM pg_stat_wal_receiver");
  }

  private static PrimaryConninfo conninfo(PostgresServer standby) {
    return PrimaryConninfo.parse(standby.query("SHOW primary_conninfo"));
  }

  /** All but what the verbs are there to change. */
  private static String rest(PrimaryConninfo conninfo) {
    return conninfo
        .without("sslmode")
        .without("sslrootcert")
        .without("password")
        .without("passfile")
        .text();
  }

  private static void follow(PostgresServer standby, String conninfo) {
    standby.execute(
        "ALTER SYSTEM SET primary_conninfo = '" + conninfo.replace("'", "''") + "'",
        "SELECT pg_reload_conf()");
  }

  private static void awaitStream(PostgresServer primary, String tls) {
    await()
        .atMost(PATIENCE)
        .until(
            () ->
                tls.equals(
                    primary.query(
                        """
                        SELECT bool_and(s.ssl) FROM pg_stat_replication r
                          JOIN pg_stat_ssl s USING (pid) WHERE r.state = 'streaming'
                        """)));
  }
}
