package dev.pgseal.testing;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import dev.pgseal.embedded.PostgresException;
import dev.pgseal.embedded.PostgresProcess.StopMode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.testcontainers.containers.startupcheck.StartupCheckStrategy;

/** A server that is what a container runs; to restart it is to restart the container. */
final class ContainerProcess implements ServerProcess {

  private static final Duration PROMPT = Duration.ofMillis(50);

  /** Lines of {@code postmaster.pid} (PostgreSQL {@code src/include/utils/pidfile.h}). */
  private static final int LISTEN_ADDRESS = 5;

  private static final int STATUS = 7;

  private final String image;
  private final Path directory;
  private @Nullable PostgresContainer container;

  ContainerProcess(String image, Path directory) {
    this.image = image;
    this.directory = directory;
  }

  @Override
  public void start(Duration timeout, List<String> settings) {
    try {
      // of a crash; its status would pass for that of the new server
      Files.deleteIfExists(postmasterFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    int logged = log().length();
    if (container == null) {
      container = new PostgresContainer(image, directory, command(settings));
      container.withStartupCheckStrategy(new Unchecked()).start();
    } else {
      docker().startContainerCmd(container.getContainerId()).exec();
    }
    awaitReady(timeout, logged);
  }

  /** The log is a file, as it must outlive the container. */
  private List<String> command(List<String> settings) {
    List<String> command = new ArrayList<>();
    command.addAll(List.of("sh", "-c", "log=$1; shift; exec \"$@\" >>\"$log\" 2>&1", "sh"));
    command.add(directory.resolve("log").toString());
    command.addAll(List.of("postgres", "-D", dataDirectory().toString()));
    settings.forEach(setting -> command.addAll(List.of("-c", setting)));
    return command;
  }

  private void awaitReady(Duration timeout, int logged) {
    long deadline = System.nanoTime() + timeout.toNanos();
    while (!line(STATUS).equals("ready")) {
      ContainerState state = state();
      if (!Boolean.TRUE.equals(state.getRunning()) || System.nanoTime() > deadline) {
        throw new PostgresException(
            "PostgreSQL of %s did not start in %s, its container is %s:%n%s"
                .formatted(image, directory, state.getStatus(), log().substring(logged)));
      }
      LockSupport.parkNanos(PROMPT.toNanos());
    }
  }

  @Override
  public void stop(StopMode mode, Duration timeout) {
    if (container == null || !Boolean.TRUE.equals(state().getRunning())) {
      return;
    }
    String signal = mode == StopMode.FAST ? "SIGINT" : "SIGQUIT";
    docker().killContainerCmd(container.getContainerId()).withSignal(signal).exec();
    try {
      docker()
          .waitContainerCmd(container.getContainerId())
          .start()
          .awaitStatusCode(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (RuntimeException e) {
      throw new PostgresException("PostgreSQL did not stop in " + directory, e);
    }
  }

  @Override
  public void remove(Duration timeout) {
    if (container != null) {
      container.stop();
      container = null;
    }
  }

  @Override
  public Path dataDirectory() {
    return directory.resolve("data");
  }

  @Override
  public String log() {
    Path log = directory.resolve("log");
    try {
      return Files.exists(log) ? new String(Files.readAllBytes(log), StandardCharsets.UTF_8) : "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public String listenAddress() {
    return line(LISTEN_ADDRESS);
  }

  private Path postmasterFile() {
    return dataDirectory().resolve("postmaster.pid");
  }

  private String line(int number) {
    try {
      List<String> lines =
          Files.exists(postmasterFile()) ? Files.readAllLines(postmasterFile()) : List.of();
      return lines.size() > number ? lines.get(number).strip() : "";
    } catch (java.nio.file.NoSuchFileException e) {
      return "";
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private ContainerState state() {
    return docker().inspectContainerCmd(container.getContainerId()).exec().getState();
  }

  private DockerClient docker() {
    return container.getDockerClient();
  }

  /** {@link #awaitReady} knows better, and has the log. */
  private static final class Unchecked extends StartupCheckStrategy {

    @Override
    public boolean waitUntilStartupSuccessful(DockerClient docker, String containerId) {
      return true;
    }

    @Override
    public StartupStatus checkStartupState(DockerClient docker, String containerId) {
      return StartupStatus.SUCCESSFUL;
    }
  }
}
