package dev.pgseal.testing;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** A client that asks now and then, idle in between, and comes again whenever its session ends. */
public final class ReconnectingClient implements AutoCloseable {

  private final PostgresServer server;
  private final Map<String, String> properties;
  private final CountDownLatch stopped = new CountDownLatch(1);
  private final AtomicInteger sessions = new AtomicInteger();
  private final AtomicInteger refusals = new AtomicInteger();
  private final Thread thread;

  /**
   * @param sslmode as libpq knows it
   */
  public ReconnectingClient(PostgresServer server, String applicationName, String sslmode) {
    this.server = server;
    properties =
        Map.of(
            "password",
            PostgresServer.PASSWORD,
            "sslmode",
            sslmode,
            "gssEncMode",
            "disable",
            "ApplicationName",
            applicationName);
    thread = new Thread(this::run, applicationName);
    thread.start();
  }

  private void run() {
    while (!isStopped(0)) {
      try (Connection connection = server.connect(PostgresServer.SUPERUSER, properties)) {
        sessions.incrementAndGet();
        while (connection.isValid(5) && !isStopped(20)) {
          continue;
        }
      } catch (SQLException e) {
        refusals.incrementAndGet();
        isStopped(50);
      }
    }
  }

  private boolean isStopped(long withinMillis) {
    try {
      return stopped.await(withinMillis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return true;
    }
  }

  /** How many sessions it has had. */
  public int sessions() {
    return sessions.get();
  }

  /** How often it was not let in, or its server was away. */
  public int refusals() {
    return refusals.get();
  }

  @Override
  public void close() {
    stopped.countDown();
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
