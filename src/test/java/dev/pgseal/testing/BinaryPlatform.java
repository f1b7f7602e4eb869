package dev.pgseal.testing;

import dev.pgseal.embedded.PostgresProcess;
import dev.pgseal.embedded.PostgresProcess.StopMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Servers are child processes, of zonky's binaries. */
final class BinaryPlatform implements ServerPlatform {

  @Override
  public Path template(int major) {
    return PostgresTemplate.of(major).dataDirectory();
  }

  @Override
  public ServerProcess process(int major, Path directory, Map<String, String> environment) {
    return new Child(
        new PostgresProcess(
            PostgresTemplate.of(major).binaries(),
            directory.resolve("data"),
            directory.resolve("log"),
            environment));
  }

  /** {@code pg_ctl stop} of any major will do: it only reads {@code postmaster.pid} and signals. */
  @Override
  public void stopAnyServerIn(Path directory) {
    if (Files.isDirectory(directory.resolve("data"))) {
      process(PostgresMajors.LATEST, directory, Map.of()).remove(Duration.ofSeconds(30));
    }
  }

  @Override
  public int latest() {
    return PostgresMajors.LATEST;
  }

  private record Child(PostgresProcess process) implements ServerProcess {

    @Override
    public void start(Duration timeout, List<String> settings) {
      process.start(
          timeout, settings.stream().map(setting -> "-c " + setting).toArray(String[]::new));
    }

    @Override
    public void stop(StopMode mode, Duration timeout) {
      process.stop(mode, timeout);
    }

    @Override
    public void remove(Duration timeout) {
      process.stop(StopMode.IMMEDIATE, timeout);
    }

    @Override
    public Path dataDirectory() {
      return process.dataDirectory();
    }

    @Override
    public String log() {
      return process.log();
    }

    @Override
    public String listenAddress() {
      return process.running().orElseThrow().listenAddress();
    }
  }
}
