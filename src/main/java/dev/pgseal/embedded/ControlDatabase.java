package dev.pgseal.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.Map;

/**
 * The embedded control database: a PostgreSQL in the service's data directory that listens on
 * 127.0.0.1 alone, asks for a random password and syncs every commit to disk.
 */
final class ControlDatabase {

  private static final String SUPERUSER = "pgseal";
  private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
  private static final Duration STOP_TIMEOUT = Duration.ofMinutes(1);
  private static final int PORT_ATTEMPTS = 5;

  private final PostgresBinaries binaries;
  private final DataDirectory directory;
  private final PostgresProcess process;

  ControlDatabase(PostgresBinaries binaries, DataDirectory directory) {
    this.binaries = binaries;
    this.directory = directory;
    this.process = new PostgresProcess(binaries, directory.postgres(), directory.postgresLog());
  }

  /** Makes the database; half-made ones of an interrupted start are thrown away. */
  void create() throws IOException {
    Path unfinished = directory.path().resolve("postgres.new");
    DirectoryTree.delete(unfinished);
    new PostgresProcess(binaries, unfinished, directory.postgresLog())
        .initialize(SUPERUSER, directory.databasePassword().path());
    new ServerFiles(unfinished)
        .set(
            Map.of(
                "listen_addresses", "127.0.0.1",
                "unix_socket_directories", "",
                "max_connections", "60",
                "log_checkpoints", "off"));
    Files.move(unfinished, directory.postgres(), StandardCopyOption.ATOMIC_MOVE);
  }

  /**
   * Starts it, or takes over the one that a killed service has left running.
   *
   * @throws PostgresException when it does not come up
   */
  void start() {
    for (int attempt = 1; ; attempt++) {
      try {
        process.start(START_TIMEOUT, "-p", Integer.toString(LoopbackPort.free()));
        return;
      } catch (PostgresException e) {
        if (attempt == PORT_ATTEMPTS || !e.portTaken()) {
          throw e;
        }
      }
    }
  }

  void stop() {
    process.stop(PostgresProcess.StopMode.FAST, STOP_TIMEOUT);
  }

  /** The Quarkus properties that lead to it. */
  Map<String, String> properties() throws IOException {
    int port = process.running().orElseThrow().port();
    return Map.of(
        "quarkus.datasource.jdbc.url", "jdbc:postgresql://127.0.0.1:%d/postgres".formatted(port),
        "quarkus.datasource.username", SUPERUSER,
        "quarkus.datasource.password", directory.databasePassword().read());
  }
}
