package dev.pgseal.demo;

import dev.pgseal.embedded.Playground;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Applications that never stop: some write to the primary, some read on the standby, all with
 * {@code sslmode=prefer}, which never asks for TLS but takes it when it is offered. A session that
 * is ended is opened again.
 */
final class BusyClients implements AutoCloseable {

  private static final int WRITERS = 4;
  private static final int READERS = 2;
  private static final Duration PAUSE = Duration.ofMillis(10);
  private static final Duration RECONNECT_PAUSE = Duration.ofMillis(100);

  private final List<Writer> writers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  private BusyClients() {}

  static BusyClients start(Playground playground) throws SQLException {
    try (Connection connection =
            playground.primary().connect(Playground.CLIENT, Playground.DATABASE, Map.of());
        var statement = connection.createStatement()) {
      statement.execute("CREATE TABLE orders (client int, seq bigint, PRIMARY KEY (client, seq))");
    }
    BusyClients clients = new BusyClients();
    IntStream.range(0, WRITERS)
        .forEach(number -> clients.writers.add(clients.new Writer(playground.primary(), number)));
    List<Client> readers =
        IntStream.range(0, READERS)
            .<Client>mapToObj(number -> clients.new Reader(playground.standby(), number))
            .toList();
    Stream.concat(clients.writers.stream(), readers.stream()).forEach(clients::run);
    return clients;
  }

  /** The sequence numbers whose commit was acknowledged up to now, by client. */
  List<List<Long>> acknowledged() {
    return writers.stream().map(Writer::acknowledged).toList();
  }

  int acknowledgedCount() {
    return acknowledged().stream().mapToInt(List::size).sum();
  }

  /** How often a writer lost its session. */
  int interruptions() {
    return writers.stream().mapToInt(writer -> writer.interruptions).sum();
  }

  /**
   * Waits until each writer has had a few more commits acknowledged.
   *
   * @throws DemoFailure naming that they do not get through
   */
  void awaitProgress() {
    List<Integer> before = acknowledged().stream().map(List::size).toList();
    Waiting.until(
        "The commits of every client",
        Duration.ofSeconds(30),
        () -> {
          List<List<Long>> now = acknowledged();
          return IntStream.range(0, WRITERS)
              .allMatch(writer -> now.get(writer).size() >= before.get(writer) + 5);
        });
  }

  @Override
  public void close() {
    stopped = true;
    for (Thread thread : threads) {
      try {
        thread.join(Duration.ofSeconds(10).toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private void run(Client client) {
    Thread thread = new Thread(client, client.name);
    thread.setDaemon(true);
    threads.add(thread);
    thread.start();
  }

  /** One session at a time, opened again whenever it is lost. */
  private abstract class Client implements Runnable {
    private final Playground.Server server;
    private final String name;
    protected volatile int interruptions;

    Client(Playground.Server server, String name) {
      this.server = server;
      this.name = name;
    }

    @Override
    public void run() {
      while (!stopped) {
        try (Connection connection =
            server.connect(
                Playground.CLIENT,
                Playground.DATABASE,
                Map.of("sslmode", "prefer", "ApplicationName", name))) {
          while (!stopped) {
            transaction(connection);
            LockSupport.parkNanos(PAUSE.toNanos());
          }
        } catch (SQLException e) {
          interruptions++;
          LockSupport.parkNanos(RECONNECT_PAUSE.toNanos());
        }
      }
    }

    abstract void transaction(Connection connection) throws SQLException;
  }

  private final class Writer extends Client {
    private final int number;
    private final List<Long> acknowledged = new ArrayList<>();
    private long sequence;

    Writer(Playground.Server server, int number) {
      super(server, "shop-writer-" + number);
      this.number = number;
    }

    @Override
    void transaction(Connection connection) throws SQLException {
      connection.setAutoCommit(false);
      // a commit that got no answer may have happened: its number is never used again
      long next = ++sequence;
      try (var insert = connection.prepareStatement("INSERT INTO orders VALUES (?, ?)")) {
        insert.setInt(1, number);
        insert.setLong(2, next);
        insert.executeUpdate();
      }
      connection.commit();
      synchronized (acknowledged) {
        acknowledged.add(next);
      }
    }

    List<Long> acknowledged() {
      synchronized (acknowledged) {
        return List.copyOf(acknowledged);
      }
    }
  }

  private final class Reader extends Client {
    Reader(Playground.Server server, int number) {
      super(server, "shop-reader-" + number);
    }

    @Override
    void transaction(Connection connection) throws SQLException {
      try (var statement = connection.createStatement();
          var rows = statement.executeQuery("SELECT max(seq) FROM orders")) {
        rows.next();
      }
    }
  }
}
