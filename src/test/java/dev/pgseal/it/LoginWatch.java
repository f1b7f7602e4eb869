package dev.pgseal.it;

import dev.pgseal.testing.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** Logs in over TCP with {@code sslmode=prefer} twice a second and counts what was refused. */
final class LoginWatch implements AutoCloseable {

  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
  private final AtomicLong logins = new AtomicLong();
  private final Queue<String> refusals = new ConcurrentLinkedQueue<>();
  private final PostgresServer server;

  LoginWatch(PostgresServer server) {
    this.server = server;
    clock.scheduleAtFixedRate(this::login, 0, 500, TimeUnit.MILLISECONDS);
  }

  private void login() {
    try (Connection connection = server.connect()) {
      logins.incrementAndGet();
    } catch (SQLException e) {
      refusals.add(Instant.now() + " " + server.port() + ": " + e.getMessage());
    }
  }

  long logins() {
    return logins.get();
  }

  List<String> refusals() {
    return List.copyOf(refusals);
  }

  @Override
  public void close() throws InterruptedException {
    clock.shutdown();
    clock.awaitTermination(30, TimeUnit.SECONDS);
  }
}
