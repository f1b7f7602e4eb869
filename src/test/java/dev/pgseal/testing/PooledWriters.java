package dev.pgseal.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * An application that never stops writing: a pool of sessions with {@code sslmode=prefer}, each
 * with one short transaction after the other, opened again as soon as it is lost. It keeps account
 * of what was acknowledged, of transactions that were cut off, and of its longest wait.
 */
public final class PooledWriters implements AutoCloseable {

  private static final Duration IN_TRANSACTION = Duration.ofMillis(5);
  private static final Duration THINKING = Duration.ofMillis(20);
  private static final Duration BEFORE_RECONNECT = Duration.ofMillis(10);

  private final PostgresServer server;
  private final List<Writer> writers = new ArrayList<>();
  private final AtomicInteger cutOff = new AtomicInteger();
  private final AtomicInteger lost = new AtomicInteger();
  private volatile boolean stopped;

  private PooledWriters(PostgresServer server) {
    this.server = server;
  }

  /** Starts them on a table of their own and returns when each has committed. */
  public static PooledWriters start(PostgresServer server, int sessions) {
    server.execute("CREATE TABLE IF NOT EXISTS written (writer int, number bigint)");
    PooledWriters pool = new PooledWriters(server);
    for (int i = 0; i < sessions; i++) {
      Writer writer = pool.new Writer(i);
      pool.writers.add(writer);
      writer.thread.start();
    }
    pool.awaitProgress();
    return pool;
  }

  /** Returns when each writer has committed again, and again. */
  public void awaitProgress() {
    List<Integer> before = writers.stream().map(Writer::count).toList();
    org.awaitility.Awaitility.await("commits of every writer")
        .atMost(Duration.ofSeconds(60))
        .until(() -> writers.stream().allMatch(w -> w.count() >= before.get(w.number) + 2));
  }

  public int acknowledged() {
    return writers.stream().mapToInt(Writer::count).sum();
  }

  /** Commits that were acknowledged and are not there. */
  public int lostCommits() {
    int missing = 0;
    try (Connection connection = server.connect();
        var select = connection.prepareStatement("SELECT number FROM written WHERE writer = ?")) {
      for (Writer writer : writers) {
        List<Long> acknowledged = writer.acknowledged();
        Set<Long> found = new HashSet<>();
        select.setInt(1, writer.number);
        try (var rows = select.executeQuery()) {
          while (rows.next()) {
            found.add(rows.getLong(1));
          }
        }
        missing += (int) acknowledged.stream().filter(n -> !found.contains(n)).count();
      }
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return missing;
  }

  /** Transactions that ended with an error after their first statement had been answered. */
  public int transactionsCutOff() {
    return cutOff.get();
  }

  /** Sessions that ended against their will, in a transaction or between two. */
  public int sessionsLost() {
    return lost.get();
  }

  /** The longest time between two commits of one writer. */
  public Duration longestGap() {
    return Duration.ofNanos(writers.stream().mapToLong(w -> w.longestGap).max().orElse(0));
  }

  @Override
  public void close() {
    stopped = true;
    for (Writer writer : writers) {
      try {
        writer.thread.join(Duration.ofSeconds(30).toMillis());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private final class Writer implements Runnable {
    private final int number;
    private final Thread thread;
    private final List<Long> acknowledged = new ArrayList<>();
    private long sequence;
    private long lastCommit = System.nanoTime();
    private volatile long longestGap;

    Writer(int number) {
      this.number = number;
      this.thread = new Thread(this, "writer " + number);
      this.thread.setDaemon(true);
    }

    @Override
    public void run() {
      while (!stopped) {
        try (Connection connection =
            server.connect(
                PostgresServer.SUPERUSER,
                Map.of(
                    "password",
                    PostgresServer.PASSWORD,
                    "sslmode",
                    "prefer",
                    "ApplicationName",
                    "writers"))) {
          connection.setAutoCommit(false);
          while (!stopped) {
            transaction(connection);
            LockSupport.parkNanos(THINKING.toNanos());
          }
        } catch (SQLException e) {
          lost.incrementAndGet();
          LockSupport.parkNanos(BEFORE_RECONNECT.toNanos());
        }
      }
    }

    private void transaction(Connection connection) throws SQLException {
      // a commit without an answer may have happened: its number is never used again
      long next = ++sequence;
      boolean begun = false;
      try (var insert = connection.prepareStatement("INSERT INTO written VALUES (?, ?)")) {
        insert.setInt(1, number);
        insert.setLong(2, next);
        insert.executeUpdate();
        begun = true;
        LockSupport.parkNanos(IN_TRANSACTION.toNanos());
        connection.commit();
      } catch (SQLException e) {
        if (begun) {
          cutOff.incrementAndGet();
        }
        throw e;
      }
      committed(next);
    }

    private synchronized void committed(long next) {
      acknowledged.add(next);
      long now = System.nanoTime();
      longestGap = Math.max(longestGap, now - lastCommit);
      lastCommit = now;
    }

    private synchronized int count() {
      return acknowledged.size();
    }

    private synchronized List<Long> acknowledged() {
      return List.copyOf(acknowledged);
    }
  }
}
