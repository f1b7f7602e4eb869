package dev.pgseal.bench;

import dev.pgseal.testing.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.awaitility.Awaitility;

/**
 * A primary with a streaming standby, and an application that keeps twenty sessions with {@code
 * sslmode=prefer} on it, asks on each of them about twice a second, and opens a lost one again.
 */
final class Cluster implements AutoCloseable {

  static final int SESSIONS = 20;
  private static final Duration PAUSE = Duration.ofMillis(25);

  final PostgresServer primary;
  final PostgresServer standby;
  private final Connection[] sessions = new Connection[SESSIONS];
  private final Thread application = new Thread(this::ask, "application");
  private volatile boolean stopped;
  private volatile long rounds;
  private volatile int ended;
  private volatile int back;
  private volatile int failed;

  private Cluster(PostgresServer primary, PostgresServer standby) throws SQLException {
    this.primary = primary;
    this.standby = standby;
    for (int i = 0; i < SESSIONS; i++) {
      sessions[i] = primary.connect();
    }
    application.setDaemon(true);
    application.start();
  }

  static Cluster start() throws SQLException {
    PostgresServer primary =
        PostgresServer.latest()
            .authenticationTimeout(Duration.ofSeconds(3))
            .setting("max_connections", "40")
            .setting("shared_buffers", "16MB")
            .start();
    return new Cluster(primary, primary.standby());
  }

  static List<Cluster> start(int number) throws SQLException {
    List<Cluster> clusters = new ArrayList<>();
    for (int i = 0; i < number; i++) {
      clusters.add(start());
    }
    return clusters;
  }

  private void ask() {
    while (!stopped) {
      for (int i = 0; i < SESSIONS && !stopped; i++) {
        try (Statement statement = sessions[i].createStatement()) {
          statement.execute("SELECT 1");
        } catch (SQLException e) {
          ended++;
          reopen(i);
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
      rounds++;
    }
  }

  private void reopen(int session) {
    try {
      sessions[session] = primary.connect();
      back++;
    } catch (SQLException e) {
      failed++;
    }
  }

  /** After the application has asked on each of its sessions once more. */
  int sessionsEnded() {
    long known = rounds;
    Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> rounds > known + 1);
    return ended;
  }

  /** Ends all sessions of the application. */
  void endSessions() {
    primary.query(
        """
        SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE client_addr IS NOT NULL AND backend_type = 'client backend' AND pid <> pg_backend_pid()
        """);
  }

  void awaitSessionsBack() {
    Awaitility.await()
        .atMost(Duration.ofMinutes(2))
        .pollInterval(Duration.ofMillis(10))
        .until(() -> ended == SESSIONS && back == SESSIONS);
  }

  /** Attempts to come back that were refused. */
  int refused() {
    return failed;
  }

  /** From outside: plaintext is refused on both, TLS is served, and the stream is encrypted. */
  boolean enforced() {
    return refusesPlaintext(primary)
        && refusesPlaintext(standby)
        && "1"
            .equals(
                primary.query(
                    "SELECT count(*) FROM pg_stat_ssl JOIN pg_stat_replication USING (pid) WHERE ssl"));
  }

  private static boolean refusesPlaintext(PostgresServer server) {
    try (Connection plaintext =
        server.connect(PostgresServer.SUPERUSER, PostgresServer.PASSWORD, "disable")) {
      return false;
    } catch (SQLException e) {
      return "28000".equals(e.getSQLState());
    }
  }

  @Override
  public void close() {
    stopped = true;
    try {
      application.join();
      for (Connection session : sessions) {
        session.close();
      }
    } catch (SQLException e) {
      // the server was faster
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    standby.close();
    primary.close();
  }
}
