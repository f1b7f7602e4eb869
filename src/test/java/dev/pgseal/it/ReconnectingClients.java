package dev.pgseal.it;

import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;

/** Clients with {@code sslmode=verify-full} that connect, ask and leave, over and over. */
final class ReconnectingClients implements AutoCloseable {

  private final Path directory;
  private final Path bundle;
  private final AtomicLong successes = new AtomicLong();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;

  /**
   * @param bundle what they trust, PEM
   */
  ReconnectingClients(String bundle, PostgresServer... servers) {
    try {
      this.directory = Files.createTempDirectory("pgseal-clients");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    this.bundle = directory.resolve("bundle.pem");
    trust(bundle);
    for (PostgresServer server : servers) {
      Thread thread = new Thread(() -> reconnect(server), "client of " + server.port());
      thread.start();
      threads.add(thread);
    }
  }

  /** Every connection from now on trusts this. */
  void trust(String pem) {
    try {
      Path next = Files.writeString(directory.resolve("next.pem"), pem);
      Files.move(next, bundle, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void reconnect(PostgresServer server) {
    while (!stopped) {
      try (Connection connection =
              server.connect(
                  PostgresServer.SUPERUSER,
                  Map.of(
                      "password",
                      PostgresServer.PASSWORD,
                      "sslmode",
                      "verify-full",
                      "sslrootcert",
                      bundle.toString()));
          var statement = connection.createStatement()) {
        statement.execute("select 1");
        successes.incrementAndGet();
      } catch (SQLException e) {
        failures.add(server.port() + ": " + e.getMessage() + " / " + e.getCause());
      }
    }
  }

  long successes() {
    return successes.get();
  }

  List<String> failures() {
    return List.copyOf(failures);
  }

  @Override
  public void close() {
    stopped = true;
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }
}
