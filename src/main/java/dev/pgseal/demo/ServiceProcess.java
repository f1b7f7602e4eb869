package dev.pgseal.demo;

import dev.pgseal.embedded.LoopbackPort;
import dev.pgseal.embedded.PostgresBinaries;
import dev.pgseal.embedded.PostgresProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The packaged service as a child process on a fresh data directory, as on a first evening. */
final class ServiceProcess implements AutoCloseable {

  private static final Duration START_TIMEOUT = Duration.ofMinutes(2);
  private static final int LAST_LINES = 40;

  private final Process process;
  private final Path directory;
  private final URI address;
  private final PostgresBinaries binaries;

  private ServiceProcess(Process process, Path directory, URI address, PostgresBinaries binaries) {
    this.process = process;
    this.directory = directory;
    this.address = address;
    this.binaries = binaries;
  }

  /**
   * Starts it and waits until it says that it is ready.
   *
   * @param application the {@code quarkus-run.jar}
   * @param directory its working directory, with the log and the data directory inside
   */
  static ServiceProcess start(Path application, Path directory, PostgresBinaries binaries)
      throws IOException {
    int port = LoopbackPort.free();
    Files.createDirectories(directory);
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Dquarkus.http.host=127.0.0.1",
            "-Dquarkus.http.port=" + port,
            "-jar",
            application.toAbsolutePath().toString());
    // what is set for another pgseal on this machine is not meant for this one
    builder
        .environment()
        .keySet()
        .removeIf(name -> name.startsWith("PGSEAL_") || name.startsWith("QUARKUS_"));
    builder.directory(directory.toFile()).redirectErrorStream(true);
    builder.redirectOutput(directory.resolve("service.log").toFile());
    URI address = URI.create("http://127.0.0.1:" + port);
    return new ServiceProcess(builder.start(), directory, address, binaries);
  }

  /**
   * @throws DemoFailure with the end of the log when it ends or does not get ready
   */
  void awaitReady(PgsealClient client) {
    Waiting.until(
        "The service's readiness",
        START_TIMEOUT,
        () -> {
          if (!process.isAlive()) {
            throw new DemoFailure(
                "The service ended with status %d:%n%s".formatted(process.exitValue(), lastLog()));
          }
          return client.ready();
        });
  }

  URI address() {
    return address;
  }

  Path tokenFile() {
    return data().resolve("admin-token");
  }

  String lastLog() {
    try {
      List<String> lines = Files.readAllLines(directory.resolve("service.log"));
      return String.join("\n", lines.subList(Math.max(0, lines.size() - LAST_LINES), lines.size()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends it in order; what it may have left running, had it crashed, is stopped too. */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(1, TimeUnit.MINUTES)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    new PostgresProcess(binaries, data().resolve("postgres"), data().resolve("postgres.log"))
        .stop(PostgresProcess.StopMode.IMMEDIATE, Duration.ofMinutes(1));
  }

  private Path data() {
    return directory.resolve("pgseal-data");
  }
}
