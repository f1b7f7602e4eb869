package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.Replication;
import dev.pgseal.postgres.StreamAttempt;
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
    latestStandby.set("wal_retrieve_retry_interval", "100ms");
    latestStandby.reload();
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
    // a stream that began over TLS goes on over TLS while its string stays the same
    latest.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_ssl WHERE ssl AND pid IN (SELECT pid FROM pg_stat_replication)");
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
      List<String> settings = tls.autoConf(standby);
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

      ReplicationTls.Released released = release(reader, orders);
      assertThat(released.exact()).as(released.remark()).isTrue();
      assertThat(released.sslMode()).isEqualTo("prefer");
      assertThat(conninfo(standby).text()).isEqualTo(before.text());
      assertThat(tls.autoConf(standby)).isEqualTo(settings);
      assertThat(standby.dataDirectory().resolve("pgseal/trust")).doesNotExist();
      assertThat(isSecured(standby, orders)).isFalse();

      secure(reader, orders, trust);
      undo(reader, orders, undo);
      assertThat(conninfo(standby).text()).isEqualTo(before.text());
      assertThat(tls.autoConf(standby)).isEqualTo(settings);
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
  void aConnectionThatIsRefusedForAMomentIsTriedAgain() throws Exception {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    assumeTrue(psqlOnTheStandbysHost());
    tls.serveTls(orders);
    latest.execute("ALTER ROLE replicator NOLOGIN");
    Thread administrator =
        new Thread(
            () -> {
              await()
                  .atMost(PATIENCE)
                  .pollInterval(Duration.ofMillis(10))
                  .until(() -> latest.log().contains("\"replicator\" is not permitted to log in"));
              latest.execute("ALTER ROLE replicator LOGIN");
            });
    administrator.start();

    secure(reader, orders, tls.trust.of(orders).orElseThrow());

    awaitStream(latest, "t");
    administrator.join();
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

  private PgsealException assertRefusedWithTheStreamUnharmed(
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
    return problem;
  }

  @Test
  void aStreamThatDoesNotComeBackOverTlsComesBackAsItWas() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);
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
    assertThat(latestStandby.query("SHOW primary_conninfo")).isEqualTo(conninfo);
    assertThat(latestStandby.dataDirectory().resolve("pgseal/trust")).doesNotExist();
    latest.awaitReplayedBy(latestStandby);
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

  private boolean psqlOnTheStandbysHost() {
    try (PostgresSession session = tls.access.fresh(tls.access.require("reader"))) {
      return tls.files.commandExists(session, "psql");
    }
  }

  /** Whose patience is over before the stream can have come back. */
  private ReplicationTls impatient() {
    return new ReplicationTls(
        new Replication(),
        tls.settings,
        tls.files,
        tls.wire,
        tls.access,
        tls.loader,
        tls.forecast,
        new StreamAttempt(),
        Duration.ZERO);
  }

  @Test
  void rulesThatWouldRefuseTheStreamOverTlsAreFoundBeforeItIsTornDown() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);
    latest.writeHba("hostssl replication all all reject\n" + PostgresServer.DEFAULT_HBA);
    latest.reload();

    PgsealException problem =
        assertRefusedWithTheStreamUnharmed(
            reader, orders, tls.trust.of(orders).orElseThrow(), ProblemType.LOCKOUT_RISK);

    assertThat(problem.detail()).contains("replicator from 127.0.0.1", "line 1", "reject");
  }

  /** Only where the machine has a psql, as the hosts of most servers do. */
  @Test
  void aLoginThatWouldNotWorkIsFoundFromTheStandbysHostBeforeTheStreamIsTornDown() {
    ManagedServer reader = tls.register("reader", latestStandby);
    assumeTrue(psqlOnTheStandbysHost());
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);
    latest.execute("ALTER ROLE replicator PASSWORD 'another since'");

    PgsealException problem =
        assertRefusedWithTheStreamUnharmed(
            reader, orders, tls.trust.of(orders).orElseThrow(), ProblemType.LOCKOUT_RISK);

    assertThat(problem.detail()).contains("password authentication failed");
    latest.execute("ALTER ROLE replicator PASSWORD '" + PostgresServer.REPLICATION_PASSWORD + "'");
  }

  @Test
  void whatWasProvedBeforehandIsSaid() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);

    List<String> tried = secure(reader, orders, tls.trust.of(orders).orElseThrow()).tried();

    assertThat(tried).anyMatch(said -> said.startsWith("handshake with 127.0.0.1"));
    assertThat(tried)
        .anyMatch(said -> said.startsWith("rules of orders for replicator from 127.0.0.1"));
    assertThat(tried)
        .anyMatch(
            said ->
                said.startsWith(
                    psqlOnTheStandbysHost()
                        ? "connected for replication from the standby's host with sslmode=verify-full"
                        : "not tried from the standby's host, which has no psql"));
  }

  @Test
  void aUriKeepsItsFormAndComesBackByteForByte() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);
    String uri =
        "postgresql://%s:%s@127.0.0.1:%d?application_name=standby&sslmode=prefer"
            .formatted(
                PostgresServer.REPLICATION_USER,
                PostgresServer.REPLICATION_PASSWORD,
                latest.port());
    follow(latestStandby, uri);
    awaitStream(latest, "t");

    ReplicationTls.Secured secured = secure(reader, orders, tls.trust.of(orders).orElseThrow());

    assertThat(secured.sslMode()).isEqualTo("verify-full");
    assertThat(latestStandby.query("SHOW primary_conninfo"))
        .startsWith(
            "postgresql://replicator@127.0.0.1:%d?application_name=standby&sslmode=verify-full&sslrootcert=/"
                .formatted(latest.port()));
    assertThat(isSecured(latestStandby, orders)).isTrue();

    assertThat(release(reader, orders).exact()).isTrue();
    assertThat(latestStandby.query("SHOW primary_conninfo")).isEqualTo(uri);
  }

  /** Written by an administrator where pgseal writes nothing. */
  @Test
  void aStringInPostgresqlConfCountsAgainAfterTheReleaseAndItsPasswordIsNotLogged() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);
    String secret = "only-in-postgresql-conf";
    latest.execute("ALTER ROLE replicator PASSWORD '" + secret + "'");
    String text = PrimaryConninfo.parse(conninfo).with("password", secret).text();
    latestStandby.set("log_min_messages", "fatal");
    latestStandby.reload();
    latestStandby.set("primary_conninfo", text);
    latestStandby.execute("ALTER SYSTEM RESET primary_conninfo", "SELECT pg_reload_conf()");
    await().atMost(PATIENCE).until(() -> text.equals(latestStandby.query("SHOW primary_conninfo")));
    latestStandby.set("log_min_messages", "warning");
    latestStandby.reload();
    awaitStream(latest, "t");

    secure(reader, orders, tls.trust.of(orders).orElseThrow());
    ReplicationTls.Released released = release(reader, orders);

    assertThat(released.exact()).isTrue();
    assertThat(latestStandby.query("SHOW primary_conninfo")).isEqualTo(text);
    assertThat(tls.autoConf(latestStandby))
        .noneMatch(line -> line.contains("primary_conninfo") || line.contains("log_min_messages"));
    assertThat(latestStandby.query("SHOW log_min_messages")).isEqualTo("warning");
    assertThat(latestStandby.log()).doesNotContain(secret);
    latest.execute("ALTER ROLE replicator PASSWORD '" + PostgresServer.REPLICATION_PASSWORD + "'");
  }

  @Test
  void aStringThatSomebodyChangedSinceKeepsTheChange() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);
    secure(reader, orders, tls.trust.of(orders).orElseThrow());
    follow(latestStandby, conninfo(latestStandby).with("keepalives_idle", "30").text());
    awaitStream(latest, "t");

    ReplicationTls.Released released = release(reader, orders);

    assertThat(released.exact()).isFalse();
    PrimaryConninfo now = conninfo(latestStandby);
    assertThat(now.get("keepalives_idle")).contains("30");
    assertThat(now.sslMode()).isEqualTo("prefer");
    assertThat(now.get("sslrootcert")).isEmpty();
    assertThat(now.get("passfile")).as("its password").isPresent();
    awaitStream(latest, "t");
  }

  @Test
  void aReleaseThatIsRepeatedChangesNothing() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);
    secure(reader, orders, tls.trust.of(orders).orElseThrow());
    release(reader, orders);
    String receiver = receiver();

    assertThat(release(reader, orders).exact()).isTrue();

    assertThat(receiver()).isEqualTo(receiver);
    assertThat(latestStandby.query("SHOW primary_conninfo")).isEqualTo(conninfo);
  }

  /** As after a kill between the two reloads of the release. */
  @Test
  void loggingThatAnEarlierRunSilencedIsItselfAgain() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);
    secure(reader, orders, tls.trust.of(orders).orElseThrow());
    ReplicationTls.Undo undo =
        tls.change(reader, change -> tls.replication.prepareUndo(change.session()));
    latestStandby.execute(
        "ALTER SYSTEM SET log_min_messages = 'fatal'",
        "ALTER SYSTEM SET primary_conninfo = '" + conninfo + "'",
        "SELECT pg_reload_conf()");

    tls.change(reader, change -> tls.replication.release(change, orders, undo));

    assertThat(latestStandby.query("SHOW log_min_messages")).isEqualTo("warning");
    assertThat(latestStandby.query("SHOW primary_conninfo")).isEqualTo(conninfo);
  }

  @Test
  void noWalsenderVouchesForAnotherStandbyOfTheSameName() {
    try (PostgresServer primary = PostgresServer.latest().start();
        PostgresServer one = primary.standby("twin");
        PostgresServer other = primary.standby("twin")) {
      ManagedServer orders = tls.register("orders", primary);
      ManagedServer reader = tls.register("reader", one);
      ManagedServer writer = tls.register("writer", other);
      tls.serveTls(orders);
      String trust = tls.trust.of(orders).orElseThrow();

      secure(reader, orders, trust);

      try (PostgresSession session = tls.access.fresh(writer)) {
        assertThat(tls.replication.isSecured(session, orders)).isFalse();
      }
      secure(writer, orders, trust);
      for (ManagedServer each : List.of(reader, writer)) {
        try (PostgresSession session = tls.access.fresh(each)) {
          assertThat(tls.replication.isSecured(session, orders)).as(each.name()).isTrue();
        }
      }
    }
  }

  @Test
  void aSlotNamesTheWalsenderWhateverTheOthersAreCalled() {
    ManagedServer reader = tls.register("reader", latestStandby);
    ManagedServer orders = tls.register("orders", latest);
    tls.serveTls(orders);
    latest.execute("SELECT pg_create_physical_replication_slot('seat')");
    latestStandby.execute("ALTER SYSTEM SET primary_slot_name = 'seat'", "SELECT pg_reload_conf()");
    await()
        .atMost(PATIENCE)
        .until(() -> latest.query("SELECT active_pid FROM pg_replication_slots") != null);

    secure(reader, orders, tls.trust.of(orders).orElseThrow());

    assertThat(isSecured(latestStandby, orders)).isTrue();
    assertThat(
            latest.query(
                "SELECT ssl FROM pg_stat_ssl JOIN pg_replication_slots ON active_pid = pid"))
        .isEqualTo("t");
    latestStandby.execute("ALTER SYSTEM RESET primary_slot_name", "SELECT pg_reload_conf()");
    await()
        .atMost(PATIENCE)
        .until(() -> latest.query("SELECT active_pid FROM pg_replication_slots") == null);
    latest.execute("SELECT pg_drop_replication_slot('seat')");
  }

  @Test
  void inACascadeEachStandbyVerifiesItsOwnUpstream() {
    try (PostgresServer primary = PostgresServer.latest().start();
        PostgresServer middle = primary.standby("middle");
        PostgresServer leaf = middle.standby("leaf")) {
      ManagedServer orders = tls.register("orders", primary);
      ManagedServer relay = tls.register("relay", middle);
      ManagedServer reader = tls.register("reader", leaf);
      tls.serveTls(orders);
      tls.serveTls(relay);

      secure(reader, relay, tls.trust.of(relay).orElseThrow());
      try (PostgresSession session = tls.access.fresh(relay)) {
        assertThat(tls.replication.isSecured(session, orders)).isFalse();
      }
      secure(relay, orders, tls.trust.of(orders).orElseThrow());

      assertThat(middle.query("SELECT ssl FROM pg_stat_replication JOIN pg_stat_ssl USING (pid)"))
          .isEqualTo("t");
      primary.awaitReplayedBy(leaf);
      release(relay, orders);
      release(reader, relay);
      primary.awaitReplayedBy(leaf);
    }
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

  private ReplicationTls.Released release(ManagedServer standby, ManagedServer primary) {
    return tls.change(
        standby,
        change ->
            tls.replication.release(
                change, primary, tls.replication.prepareUndo(change.session())));
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
