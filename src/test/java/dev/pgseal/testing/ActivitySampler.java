package dev.pgseal.testing;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Looks at the texts of all sessions every few milliseconds, as a monitor would. */
public final class ActivitySampler implements AutoCloseable {
  private final Connection connection;
  private final Set<String> texts = new HashSet<>();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  public ActivitySampler(PostgresServer postgres) throws SQLException {
    connection = postgres.connect();
    try (var statement = connection.createStatement()) {
      // what is looked for in the log is not to drown in our looking
      statement.execute(
          "SET log_statement = none; SET log_duration = off; SET log_min_duration_statement = -1;"
              + " SET auto_explain.log_min_duration = -1");
    }
    timer.scheduleWithFixedDelay(this::sample, 0, 5, TimeUnit.MILLISECONDS);
  }

  private synchronized void sample() {
    try (var statement = connection.createStatement();
        var rows =
            statement.executeQuery(
                "SELECT query FROM pg_stat_activity WHERE pid <> pg_backend_pid()")) {
      while (rows.next()) {
        texts.add(String.valueOf(rows.getString(1)));
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** All that was seen, up to now. */
  public synchronized String sampleNow() {
    sample();
    return String.join("\n", texts);
  }

  /** All that was seen; at least that sessions were seen at all. */
  public synchronized String seen() {
    String all = sampleNow();
    assertThat(all).contains("SELECT");
    return all;
  }

  @Override
  public void close() throws SQLException {
    timer.shutdownNow();
    synchronized (this) {
      connection.close();
    }
  }
}
