package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.TerminateResult;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DrainTest {

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private final TlsFixture tls = new TlsFixture();
  private final ExecutorService clients = Executors.newCachedThreadPool();
  private PostgresServer postgres;
  private ManagedServer server;

  @BeforeEach
  void serveTls() {
    postgres = SERVERS.latest();
    tls.serveTls(tls.register("orders", postgres));
    // our own session comes in plaintext as well, and must not end itself
    server = tls.register("orders", postgres, ConnectionSslMode.DISABLE);
  }

  @AfterEach
  void close() {
    clients.shutdownNow();
    tls.close();
  }

  @PostgresMajors
  void plaintextEndsAndTlsStays(int major) throws SQLException {
    postgres = SERVERS.on(major);
    tls.serveTls(tls.register("orders", postgres));
    server = tls.register("orders", postgres, ConnectionSslMode.DISABLE);
    try (Connection plaintext = client("idle", "disable");
        Connection encrypted = client("encrypted", "require")) {

      List<Drain.Ended> ended = drain(Duration.ZERO);

      assertThat(ended)
          .filteredOn(e -> e.applicationName().equals("idle"))
          .extracting(Drain.Ended::result)
          .containsExactly(TerminateResult.TERMINATED);
      assertThat(ended).extracting(Drain.Ended::applicationName).doesNotContain("encrypted");
      assertThat(plaintext.isValid(5)).isFalse();
      assertThat(encrypted.isValid(5)).isTrue();
    }
  }

  @Test
  void idleSessionsEndAtOnceAndATransactionMayComeToItsEnd() throws Exception {
    postgres.execute("CREATE TABLE IF NOT EXISTS drained (n int)", "TRUNCATE drained");
    try (Connection busy = inTransaction("busy");
        Connection idle = client("idle", "disable")) {
      CompletableFuture<List<Drain.Ended>> drain =
          CompletableFuture.supplyAsync(() -> drain(Duration.ofSeconds(60)), clients);

      await().atMost(PATIENCE).until(() -> !idle.isValid(5));
      run(busy, "INSERT INTO drained VALUES (1)");
      assertThat(drain).as("waits for the transaction").isNotDone();
      busy.commit();

      List<Drain.Ended> ended = drain.get(30, TimeUnit.SECONDS);
      assertThat(of(ended, "idle", "busy"))
          .extracting(Drain.Ended::applicationName)
          .containsExactly("idle", "busy");
      assertThat(of(ended, "busy"))
          .extracting(Drain.Ended::insideTransaction)
          .as("ended inside its transaction")
          .containsExactly(false);
    }
    assertThat(postgres.query("SELECT n FROM drained")).isEqualTo("1");
  }

  @Test
  void aTransactionThatOutlivesTheGraceIsEndedAndThatIsSaid() throws SQLException {
    try (Connection busy = inTransaction("busy")) {
      List<Drain.Ended> ended = drain(Duration.ofMillis(300));

      assertThat(of(ended, "busy"))
          .extracting(Drain.Ended::result, Drain.Ended::insideTransaction)
          .containsExactly(org.assertj.core.groups.Tuple.tuple(TerminateResult.TERMINATED, true));
      assertThat(busy.isValid(5)).isFalse();
    }
  }

  @Test
  void whoWaitsForASynchronousStandbyEndsBehindTheOthersAndWalsendersLast() throws Exception {
    postgres.execute("CREATE TABLE IF NOT EXISTS waited (n int)");
    Map<String, String> replication = new HashMap<>();
    replication.put("password", PostgresServer.PASSWORD);
    replication.put("sslmode", "disable");
    replication.put("replication", "database");
    replication.put("preferQueryMode", "simple");
    replication.put("assumeMinServerVersion", "14");
    replication.put("ApplicationName", "walsender");
    try (Connection walsender = postgres.connect("postgres", replication);
        Connection waiter = client("waiter", "disable")) {
      postgres.execute(
          "ALTER SYSTEM SET synchronous_standby_names = 'nobody'", "SELECT pg_reload_conf()");
      // the checkpointer tells backends to wait, some time after the reload: commit until one does
      CompletableFuture<Void> commit =
          CompletableFuture.runAsync(
              () -> runUntilItFails(waiter, "INSERT INTO waited VALUES (1)"), clients);
      await()
          .atMost(PATIENCE)
          .until(
              () ->
                  "SyncRep"
                      .equals(
                          postgres.query(
                              "SELECT wait_event FROM pg_stat_activity"
                                  + " WHERE application_name = 'waiter'")));
      try (Connection busy = inTransaction("busy");
          Connection idle = client("idle", "disable")) {
        List<Drain.Ended> ended = drain(Duration.ofMillis(300));

        assertThat(of(ended, "walsender", "waiter", "busy", "idle"))
            .extracting(Drain.Ended::applicationName)
            .containsExactly("idle", "busy", "waiter", "walsender");
        assertThat(walsender.isClosed() || !walsender.isValid(5)).isTrue();
      }
      commit.get(30, TimeUnit.SECONDS);
    } finally {
      postgres.execute("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()");
    }
    assertThat(postgres.query("SELECT DISTINCT n FROM waited")).as("committed here").isEqualTo("1");
  }

  @Test
  void aPidThatWasUsedAgainIsNotHit() throws SQLException {
    try (Connection idle = client("idle", "disable");
        PostgresSession session = tls.access.fresh(server)) {
      ServerConnection listed =
          tls.connections.list(session).stream()
              .filter(c -> "idle".equals(c.applicationName()))
              .findFirst()
              .orElseThrow();

      TerminateResult result =
          tls.connections.terminate(
              session, listed.pid(), listed.backendStart().minusNanos(1000), Duration.ofSeconds(1));

      assertThat(result).isEqualTo(TerminateResult.ALREADY_GONE);
      assertThat(idle.isValid(5)).isTrue();
      assertThat(
              tls.connections.terminate(
                  session, listed.pid(), listed.backendStart(), Duration.ofSeconds(5)))
          .isEqualTo(TerminateResult.TERMINATED);
    }
  }

  private List<Drain.Ended> drain(Duration grace) {
    return tls.change(
        server, change -> tls.drain.end(change.session(), StragglerScan.PLAINTEXT, grace));
  }

  private static List<Drain.Ended> of(List<Drain.Ended> ended, String... names) {
    return ended.stream().filter(e -> List.of(names).contains(e.applicationName())).toList();
  }

  private Connection client(String name, String sslmode) throws SQLException {
    return postgres.connect(
        "postgres",
        Map.of("password", PostgresServer.PASSWORD, "sslmode", sslmode, "ApplicationName", name));
  }

  private Connection inTransaction(String name) throws SQLException {
    Connection connection = client(name, "disable");
    connection.setAutoCommit(false);
    run(connection, "SELECT 1");
    return connection;
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private static void runUntilItFails(Connection connection, String sql) {
    try {
      while (true) {
        run(connection, sql);
      }
    } catch (SQLException e) {
      assertThat(e.getSQLState()).as("ended while it waited").isIn("57P01", "08006", "08003");
    }
  }
}
