package dev.pgseal.bench;

import dev.pgseal.embedded.DirectoryTree;
import dev.pgseal.postgres.RawConnections;
import dev.pgseal.testing.PostgresServer;
import java.io.PrintStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code GET …/connections} of a server with 2,000 sessions beside the same SQL on open
 * connections: by one caller, by 200 at once, and by one beside 200 who read other things; then a
 * soak. {@code ./mvnw -Pload} runs it, and fails when a median is more than 1.5 times that of the
 * SQL, or something grows.
 *
 * <p>System properties: {@code bench.application}, {@code load.sessions}, {@code load.callers},
 * {@code load.soak} (ISO-8601).
 */
public final class LoadBenchmark {

  private static final int SESSIONS = Integer.getInteger("load.sessions", 2_000);
  private static final int CALLERS = Integer.getInteger("load.callers", 200);
  private static final Duration SOAK = Duration.parse(System.getProperty("load.soak", "PT10M"));
  private static final double MOST = 1.5;
  private static final int ALONE = 100;
  private static final int EACH = 5;
  private static final String LIST = "/v1/servers/orders-db/connections";

  private final PrintStream out = System.out;
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final List<Connection> open = new ArrayList<>();
  private boolean good = true;

  private LoadBenchmark() {}

  public static void main(String... arguments) throws Exception {
    Path directory = Files.createTempDirectory("pgseal-load-");
    LoadBenchmark benchmark = new LoadBenchmark();
    try (PostgresServer server =
            PostgresServer.builder(18)
                .setting("max_connections", Integer.toString(SESSIONS + CALLERS + 50))
                .setting("shared_buffers", "64MB")
                .start();
        Pgseal pgseal = Pgseal.start(directory)) {
      benchmark.run(server, pgseal);
    } finally {
      benchmark.close();
      DirectoryTree.delete(directory);
    }
    System.exit(benchmark.good ? 0 : 1);
  }

  private void run(PostgresServer server, Pgseal pgseal) throws Exception {
    register(server, pgseal);
    out.printf(
        "%d processors, Java %s; %d sessions, %d callers%n",
        Runtime.getRuntime().availableProcessors(), Runtime.version(), SESSIONS, CALLERS);
    List<Connection> own = new ArrayList<>();
    for (int i = 0; i < SESSIONS + CALLERS; i++) {
      Connection connection = server.connect();
      open.add(connection);
      if (i >= SESSIONS) {
        own.add(connection);
      }
    }
    Callers.run(4, 50, caller -> () -> list(pgseal));
    oneCaller(own.get(0), pgseal, "One caller");
    compare(
        CALLERS + " callers at once",
        Callers.run(CALLERS, EACH, caller -> () -> sql(own.get(caller))),
        Callers.run(CALLERS, EACH, caller -> () -> list(pgseal)));
    List<String> reads =
        List.of(
            "/v1/servers",
            "/v1/servers/orders-db",
            "/v1/jobs",
            "/v1/certificates",
            "/v1/authorities",
            "/v1/tokens",
            LIST + "?encryption=TLS");
    try (Background readers = new Background(CALLERS, reads, path -> get(pgseal, path))) {
      oneCaller(own.get(0), pgseal, "One caller beside " + CALLERS + " who read once a second");
      soak(server, pgseal, readers);
    }
  }

  private void soak(PostgresServer server, Pgseal pgseal, Background readers) throws Exception {
    Database database = pgseal.database();
    try (Connection control =
            DriverManager.getConnection(database.url(), database.user(), database.password());
        Connection managed = server.connect()) {
      out.printf("%nSoak of %s%n", SOAK);
      good &= new Soak(out, pgseal.pid(), control, managed).run(SOAK);
      out.printf("  %d calls, %d failed%n", readers.calls(), readers.failures());
      good &= readers.failures() == 0;
    }
  }

  /** In turn, so that both meet the same neighbours. */
  private void oneCaller(Connection connection, Pgseal pgseal, String title) throws Exception {
    long[] sql = new long[ALONE];
    long[] api = new long[ALONE];
    for (int i = 0; i < ALONE; i++) {
      sql[i] = Latencies.time(() -> sql(connection));
      api[i] = Latencies.time(() -> list(pgseal));
    }
    compare(title, new Latencies(sql), new Latencies(api));
  }

  private void compare(String title, Latencies sql, Latencies api) {
    double ratio = api.median() / sql.median();
    out.printf("%n%s%n  SQL   %s%n  GET   %s%n  ratio %.2f%n", title, sql, api, ratio);
    good &= ratio <= MOST;
  }

  private static int sql(Connection connection) throws Exception {
    return RawConnections.read(connection);
  }

  private int list(Pgseal pgseal) {
    return get(pgseal, LIST).length();
  }

  private String get(Pgseal pgseal, String path) {
    try {
      HttpResponse<String> answer =
          http.send(pgseal.get(path), HttpResponse.BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IllegalStateException(path + ": " + answer.statusCode() + " " + answer.body());
      }
      return answer.body();
    } catch (java.io.IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private void register(PostgresServer server, Pgseal pgseal) throws Exception {
    HttpRequest request =
        pgseal.post(
            "/v1/servers",
            Json.of(
                Map.of(
                    "name",
                    "orders-db",
                    "host",
                    server.host(),
                    "port",
                    server.port(),
                    "username",
                    PostgresServer.SUPERUSER,
                    "password",
                    PostgresServer.PASSWORD)));
    int status = http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    if (status != 201) {
      throw new IllegalStateException("Not registered: " + status);
    }
  }

  private void close() {
    for (Connection connection : open) {
      try {
        connection.close();
      } catch (java.sql.SQLException e) {
        // the server is gone
      }
    }
  }
}
