package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ServerConnectionsTest {

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private static final TestIdentity IDENTITY = TestIdentity.forAddress("127.0.0.1");
  private static final Duration WAIT = Duration.ofSeconds(5);

  private final ServerConnections connections = new ServerConnections();

  private static PostgresServer tlsServer(int major) {
    PostgresServer server = SERVERS.on(major);
    if (new WireProbe().tls(server.host(), server.port()) instanceof TlsAnswer.NotOffered) {
      IDENTITY.serveOn(server);
    }
    return server;
  }

  private static Connection connect(PostgresServer server, String name, String sslmode)
      throws SQLException {
    return server.connect(
        PostgresServer.SUPERUSER,
        Map.of("password", PostgresServer.PASSWORD, "sslmode", sslmode, "ApplicationName", name));
  }

  private ServerConnection named(PostgresSession session, String name) {
    return connections.list(session).stream()
        .filter(connection -> name.equals(connection.applicationName()))
        .findFirst()
        .orElseThrow();
  }

  @PostgresMajors
  void sessionsAreToldApartByTheirEncryption(int major) throws SQLException {
    PostgresServer server = tlsServer(major);
    try (PostgresSession session = Logins.open(server);
        Connection plain = connect(server, "plain", "disable");
        Connection tls = connect(server, "tls", "require")) {
      plain.setAutoCommit(false);
      try (var statement = plain.createStatement()) {
        statement.execute("SELECT 1");
      }

      ServerConnection plaintext = named(session, "plain");
      ServerConnection sealed = named(session, "tls");

      assertThat(plaintext.encryption()).isEqualTo(Encryption.PLAINTEXT);
      assertThat(plaintext.protocol()).isNull();
      assertThat(plaintext.clientAddress()).isEqualTo("127.0.0.1");
      assertThat(plaintext.clientPort()).isPositive();
      assertThat(plaintext.state()).isEqualTo("idle in transaction");
      assertThat(plaintext.transactionStart()).isNotNull();
      assertThat(plaintext.username()).isEqualTo("postgres");
      assertThat(plaintext.older()).isFalse();
      assertThat(sealed.encryption()).isEqualTo(Encryption.TLS);
      assertThat(sealed.protocol()).isEqualTo("TLSv1.3");
      assertThat(sealed.cipher()).isNotBlank();
      assertThat(sealed.clientDn()).isNull();
      assertThat(connections.list(session))
          .noneMatch(connection -> connection.pid() == session.pid());
      assertThat(tls.isValid(1)).isTrue();
    }
  }

  @PostgresMajors
  void aSessionFromBeforeTheReloadIsOlder(int major) throws SQLException {
    PostgresServer server = SERVERS.on(major);
    try (Connection before = connect(server, "before", "disable")) {
      server.reload();
      try (Connection after = connect(server, "after", "disable");
          PostgresSession session = Logins.open(server)) {
        assertThat(named(session, "before").older()).isTrue();
        assertThat(named(session, "after").older()).isFalse();
        assertThat(before.isValid(1) && after.isValid(1)).isTrue();
      }
    }
  }

  @PostgresMajors
  void sessionsThatMayNotBeSeenAreUnknownAndNotMissing(int major) throws SQLException {
    PostgresServer server = SERVERS.on(major);
    try (Connection hidden = connect(server, "hidden", "disable");
        PostgresSession session = Logins.CONNECTOR.open(Logins.newRole(server, "blind"))) {
      ServerConnection connection = named(session, "hidden");

      assertThat(connection.encryption()).isEqualTo(Encryption.UNKNOWN);
      assertThat(connection.backendStart()).isNull();
      assertThat(connection.older()).isTrue();
      assertThat(hidden.isValid(1)).isTrue();
    }
  }

  @PostgresMajors
  void backgroundProcessesAreNotListed(int major) {
    try (PostgresSession all = Logins.open(SERVERS.on(major))) {
      assertThat(connections.list(all))
          .allSatisfy(
              connection ->
                  assertThat(connection.backendType()).isIn("client backend", "walsender"));
    }
  }

  @PostgresMajors
  void aSessionIsEndedByPidAndStart(int major) throws SQLException {
    PostgresServer server = SERVERS.on(major);
    try (PostgresSession session = Logins.open(server);
        Connection victim = connect(server, "victim", "disable")) {
      ServerConnection listed = named(session, "victim");
      Instant start = listed.backendStart();
      assertThat(start).isNotNull();

      assertThat(
              connections.terminate(session, listed.pid(), start.plus(1, ChronoUnit.MICROS), WAIT))
          .isEqualTo(TerminateResult.ALREADY_GONE);
      assertThat(victim.isValid(1)).isTrue();

      assertThat(connections.terminate(session, listed.pid(), start, WAIT))
          .isEqualTo(TerminateResult.TERMINATED);
      assertThat(victim.isValid(1)).isFalse();
      assertThat(connections.terminate(session, listed.pid(), start, WAIT))
          .isEqualTo(TerminateResult.ALREADY_GONE);
    }
  }

  @PostgresMajors
  void aSessionThatMayNotBeEndedIsLeftAlone(int major) throws SQLException {
    PostgresServer server = SERVERS.on(major);
    server.execute("DROP ROLE IF EXISTS watcher");
    Logins.newRole(server, "watcher");
    server.execute("GRANT pg_read_all_stats, pg_signal_backend TO watcher");
    try (Connection superusers = connect(server, "untouchable", "disable");
        PostgresSession session = Logins.CONNECTOR.open(Logins.as(server, "watcher", "watcher"))) {
      ServerConnection listed = named(session, "untouchable");

      assertThat(connections.terminate(session, listed.pid(), listed.backendStart(), WAIT))
          .isEqualTo(TerminateResult.NOT_PERMITTED);
      assertThat(superusers.isValid(1)).isTrue();
    }
  }

  @PostgresMajors
  void manyAreEndedTogetherButForThoseThatAreBusyOrMayNotBe(int major) throws SQLException {
    PostgresServer server = SERVERS.on(major);
    server.execute("DROP ROLE IF EXISTS signaller", "DROP ROLE IF EXISTS app");
    Logins.newRole(server, "signaller");
    Logins.newRole(server, "app");
    server.execute("GRANT pg_read_all_stats, pg_signal_backend TO signaller");
    try (Connection superusers = connect(server, "superusers", "disable");
        Connection idle = server.connect("app", "app", "disable");
        Connection second = server.connect("app", "app", "disable");
        Connection busy = server.connect("app", "app", "disable");
        PostgresSession session =
            Logins.CONNECTOR.open(Logins.as(server, "signaller", "signaller"))) {
      busy.setAutoCommit(false);
      busy.createStatement().execute("SELECT 1");
      List<ServerConnections.SessionKey> all =
          connections.list(session).stream()
              .filter(c -> "app".equals(c.username()) || "superusers".equals(c.applicationName()))
              .map(c -> new ServerConnections.SessionKey(c.pid(), c.backendStart()))
              .toList();
      assertThat(all).hasSize(4);

      assertThat(connections.terminateAll(session, all, true, WAIT))
          .extracting(ServerConnections.Terminated::result)
          .containsExactlyInAnyOrder(
              TerminateResult.NOT_PERMITTED,
              TerminateResult.TERMINATED,
              TerminateResult.TERMINATED);
      assertThat(List.of(superusers.isValid(1), busy.isValid(1))).containsOnly(true);
      assertThat(List.of(idle.isValid(1), second.isValid(1))).containsOnly(false);

      assertThat(connections.terminateAll(session, all, false, WAIT))
          .filteredOn(t -> t.transactionAge() != null)
          .extracting(ServerConnections.Terminated::result)
          .as("with the age of its transaction")
          .containsExactly(TerminateResult.TERMINATED);
      assertThat(busy.isValid(1)).isFalse();
      assertThat(superusers.isValid(1)).isTrue();
    }
  }

  /**
   * Busy clients show it only now and then, the plan always: one session after the other, the copy
   * of all states thrown away before each, and nothing that collects rows before the signal.
   */
  @PostgresMajors
  void theStateOfEachIsReadAnewImmediatelyBeforeItsSignal(int major) {
    try (PostgresSession session = Logins.open(SERVERS.on(major))) {
      List<String> plan =
          session.query(
              "EXPLAIN (VERBOSE, COSTS OFF) " + ServerConnections.SIGNAL_ALL,
              row -> row.getString(1).stripTrailing(),
              new String[] {"1"},
              new String[] {"2020-01-01"},
              true);

      assertThat(plan.get(0)).isEqualTo("Nested Loop");
      assertThat(plan.get(1)).startsWith("  Output:").contains("pg_terminate_backend");
      // in which order: the depth of a node is its indentation, its children come outer first
      assertThat(plan)
          .filteredOn(line -> line.matches(" {2,10}(->.*|Output.*clear_snapshot.*)"))
          .as("%s", plan)
          .extracting(String::strip)
          .containsSubsequence(
              "->  Nested Loop",
              "->  CTE Scan on wanted w",
              "->  Function Scan on pg_catalog.pg_stat_get_activity a");
      assertThat(plan)
          .filteredOn(line -> line.contains("pg_stat_clear_snapshot"))
          .as("in the row of its session")
          .containsOnlyOnce("              Output: w.pid, pg_stat_clear_snapshot()");
      assertThat(plan)
          .filteredOn(line -> line.matches(" {2,10}-> .*"))
          .as("between the look and the signal")
          .noneMatch(line -> line.matches(".*(Sort|Hash|Materialize|Memoize).*"));
      assertThat(plan).contains("        Function Call: pg_stat_get_activity((w.pid))");
    }
  }

  /** A stopped process cannot end; it does as soon as it goes on. */
  @Test
  void aSessionThatDoesNotEndInTimeIsStillRunning() throws Exception {
    PostgresServer server = SERVERS.latest();
    try (PostgresSession session = Logins.open(server);
        Connection frozen = connect(server, "frozen", "disable")) {
      ServerConnection listed = named(session, "frozen");
      signal("STOP", listed.pid());
      try {
        assertThat(
                connections.terminate(
                    session, listed.pid(), listed.backendStart(), Duration.ofMillis(300)))
            .isEqualTo(TerminateResult.STILL_RUNNING);
      } finally {
        signal("CONT", listed.pid());
      }
      await()
          .until(
              () ->
                  connections.list(session).stream()
                      .noneMatch(connection -> connection.pid() == listed.pid()));
      assertThat(frozen.isValid(1)).isFalse();
    }
  }

  private static void signal(String name, int pid) throws Exception {
    List<String> command = List.of("kill", "-" + name, Integer.toString(pid));
    assertThat(new ProcessBuilder(command).start().waitFor()).isZero();
  }
}
