package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
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
      CompletableFuture<StragglerScan.Result> scan =
          CompletableFuture.supplyAsync(
              () ->
                  tls.change(
                      server,
                      change -> tls.stragglers.scan(change.session(), reloadedAt, () -> false)));

      try (Connection straggler = EarlySocket.login(postgres)) {
        StragglerScan.Result result = scan.get(60, TimeUnit.SECONDS);

        assertThat(result.ended())
            .extracting(Drain.Ended::applicationName)
            .containsExactly("straggler");
        assertThat(straggler.isValid(5)).isFalse();
        assertThat(result.provedAt()).isAfter(reloadedAt.plus(Duration.ofSeconds(8)));
        assertThat(result.scans()).isGreaterThan(2);
      }
    }
  }

  @Test
  void theWindowIsTwiceTheAuthenticationTimeout() {
    try (PostgresServer postgres =
        PostgresServer.latest().authenticationTimeout(Duration.ofMinutes(2)).start()) {
      try (PostgresSession session = tls.access.fresh(tls.register("orders", postgres))) {
        assertThat(tls.stragglers.window(session)).isEqualTo(Duration.ofMinutes(4));
        assertThatThrownBy(() -> tls.stragglers.scan(session, Instant.now(), () -> true))
            .isInstanceOfSatisfying(
                PgsealException.class,
                e -> assertThat(e.type()).isEqualTo(ProblemType.ILLEGAL_STATE));
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
