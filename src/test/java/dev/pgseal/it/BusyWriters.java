package dev.pgseal.it;

import dev.pgseal.testing.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Clients that write rows with {@code sslmode=prefer} and come back when they are cut off. */
final class BusyWriters implements AutoCloseable {

  private static final int CLIENTS = 2;
  private static final int PAUSE_MILLIS = 25;

  private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(CLIENTS);
  private final PostgresServer server;
  private final AtomicLong acknowledged = new AtomicLong();
  private final List<Writer> writers = new ArrayList<>();

  BusyWriters(PostgresServer server) {
    this.server = server;
    server.execute("create table if not exists written (n bigint)");
    for (int i = 0; i < CLIENTS; i++) {
      Writer writer = new Writer();
      writers.add(writer);
      clock.scheduleWithFixedDelay(writer::write, 0, PAUSE_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private final class Writer {
    private @Nullable Connection connection;

    private void write() {
      try {
        if (connection == null) {
          connection = server.connect();
          connection.setAutoCommit(false);
        }
        try (var statement = connection.createStatement()) {
          statement.execute("insert into written values (1)");
          statement.execute("insert into written values (2)");
        }
        connection.commit();
        acknowledged.incrementAndGet();
      } catch (SQLException e) {
        end();
      }
    }

    private void end() {
      try {
        if (connection != null) {
          connection.close();
        }
      } catch (SQLException e) {
        // it was cut off already
      }
      connection = null;
    }
  }

  long acknowledged() {
    return acknowledged.get();
  }

  /** Transactions that are there; some may be whose acknowledgement was lost. */
  long written() {
    return Long.parseLong(String.valueOf(server.query("select count(*) / 2 from written")));
  }

  @Override
  public void close() throws InterruptedException {
    clock.shutdown();
    clock.awaitTermination(30, TimeUnit.SECONDS);
    writers.forEach(Writer::end);
  }
}
