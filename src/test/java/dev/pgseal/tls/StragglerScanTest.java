package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import javax.net.SocketFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StragglerScanTest {

  private final TlsFixture tls = new TlsFixture();

  @AfterEach
  void close() {
    tls.close();
  }

  static Stream<Integer> oldestAndNewest() {
    return PostgresMajors.Provider.tested().stream()
        .filter(m -> m == PostgresMajors.OLDEST || m == PostgresServer.latestMajor());
  }

  @ParameterizedTest(name = "PostgreSQL {0}")
  @MethodSource("oldestAndNewest")
  void aSocketFromBeforeTheReloadThatLogsInAfterItIsFoundAndEnded(int major) throws Exception {
    try (PostgresServer postgres =
        PostgresServer.builder(major).authenticationTimeout(Duration.ofSeconds(4)).start()) {
      ManagedServer server = tls.register("orders", postgres);
      tls.serveTls(server);
      EarlySocket.connect(postgres);
      // connections are accepted in their order: behind this one, the early one is forked
      postgres.query("SELECT 1");
      postgres.writeHba(PostgresServer.DEFAULT_HBA.replace("host ", "hostssl "));
      Instant reloadedAt = tls.change(server, this::reload);
      Instant windowEnd = tls.change(server, change -> reloadedAt.plus(window(change.session())));
      assertThat(windowEnd).isEqualTo(reloadedAt.plusSeconds(8));

      try (Connection straggler = EarlySocket.login(postgres)) {
        straggler.setAutoCommit(false);
        run(straggler, "SELECT 1");
        StragglerScan.Look inTransaction = look(server, windowEnd, Duration.ofHours(1));
        assertThat(inTransaction.found()).isEqualTo(1);
        assertThat(inTransaction.ended()).as("in its transaction").isEmpty();
        straggler.commit();

        StragglerScan.Look idle = look(server, windowEnd, Duration.ofHours(1));

        assertThat(idle.ended())
            .extracting(Drain.Ended::applicationName, Drain.Ended::insideTransaction)
            .containsExactly(org.assertj.core.groups.Tuple.tuple("straggler", false));
        assertThat(idle.proved()).isFalse();
        assertThat(straggler.isValid(5)).isFalse();
      }
      StragglerScan.Look last =
          await()
              .atMost(Duration.ofSeconds(60))
              .until(
                  () -> look(server, windowEnd, Duration.ZERO),
                  look -> look.untilNext().compareTo(Duration.ofSeconds(1)) == 0);
      assertThat(last.proved()).isTrue();
      assertThat(last.at()).isAfter(windowEnd);
    }
  }

  @Test
  void theWindowIsTwiceTheAuthenticationTimeout() {
    try (PostgresServer postgres =
        PostgresServer.latest().authenticationTimeout(Duration.ofMinutes(2)).start()) {
      try (PostgresSession session = tls.access.fresh(tls.register("orders", postgres))) {
        assertThat(tls.stragglers.window(session)).isEqualTo(Duration.ofMinutes(4));
      }
    }
  }

  @PostgresMajors
  void sessionsThatCannotBeJudgedAreNotTakenForNone(int major) throws SQLException {
    try (PostgresServer postgres = PostgresServer.start(major)) {
      postgres.execute("CREATE ROLE limited LOGIN PASSWORD 'limited'");
      ManagedServer server =
          tls.register("orders", postgres, ConnectionSslMode.PREFER, "limited", "limited");
      try (Connection other = postgres.connect();
          PostgresSession session = tls.access.fresh(server)) {
        assertThat(other.isValid(5)).isTrue();

        assertThatThrownBy(() -> tls.stragglers.plaintext(session))
            .isInstanceOfSatisfying(
                PgsealException.class,
                e -> {
                  assertThat(e.type()).isEqualTo(ProblemType.PRIVILEGE_MISSING);
                  assertThat(e.members().get("hint").toString()).contains("pg_read_all_stats");
                });

        postgres.execute("GRANT pg_read_all_stats TO limited");
        assertThat(tls.stragglers.plaintext(session)).isNotEmpty();
      }
    }
  }

  private Duration window(PostgresSession session) {
    return tls.stragglers.window(session);
  }

  private StragglerScan.Look look(ManagedServer server, Instant windowEnd, Duration grace) {
    return tls.change(
        server,
        change -> tls.stragglers.look(change.session(), windowEnd, StragglerScan.PLAINTEXT, grace));
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  private Instant reload(ServerUnderChange change) {
    change.reload();
    return tls.rules.loadedAt(change);
  }

  /** Lets pgjdbc log in over a socket that was connected long before; made by its class name. */
  public static final class EarlySocket extends SocketFactory {

    private static Socket early;

    static void connect(PostgresServer postgres) throws IOException {
      early = new Socket(InetAddress.getByName(postgres.host()), postgres.port());
    }

    static Connection login(PostgresServer postgres) throws SQLException {
      return postgres.connect(
          "postgres",
          Map.of(
              "password", PostgresServer.PASSWORD,
              "sslmode", "disable",
              "gssEncMode", "disable",
              "ApplicationName", "straggler",
              "socketFactory", EarlySocket.class.getName()));
    }

    @Override
    public Socket createSocket() {
      return early;
    }

    @Override
    public Socket createSocket(String host, int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(String host, int port, InetAddress local, int localPort) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress host, int port) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Socket createSocket(InetAddress address, int port, InetAddress local, int localPort) {
      throw new UnsupportedOperationException();
    }
  }
}
