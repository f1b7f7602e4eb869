package dev.pgseal.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * One PostgreSQL server on a data directory of ours, run as child processes through its own {@code
 * initdb} and {@code pg_ctl}.
 *
 * <p>Why not {@code io.zonky.test.db.postgres.embedded.EmbeddedPostgres}: it knows no server but
 * the one it has just started. A control database must be found again after the service was killed,
 * a failed start must tell what the server's log says, and a standby is started from a copy of a
 * data directory; all three need {@code pg_ctl} in our hands.
 *
 * <p>The guarantees: a data directory never gets a second server, as a living one is found and
 * taken over by {@link #start}; a server is stopped by {@code pg_ctl} alone, never by SIGKILL; a
 * server outlives this JVM unless it is stopped.
 */
public final class PostgresProcess {

  private static final Duration PROMPT = Duration.ofMillis(20);

  private final PostgresBinaries binaries;
  private final Path dataDirectory;
  private final ServerLog log;
  private final Map<String, String> environment;

  /**
   * @param dataDirectory need not exist before {@link #initialize}
   * @param log where the server writes; appended to
   */
  public PostgresProcess(PostgresBinaries binaries, Path dataDirectory, Path log) {
    this(binaries, dataDirectory, log, Map.of());
  }

  /**
   * @param environment of the server over our own, such as the {@code PATH} of what it runs
   */
  public PostgresProcess(
      PostgresBinaries binaries, Path dataDirectory, Path log, Map<String, String> environment) {
    this.environment = Map.copyOf(environment);
    this.binaries = binaries;
    this.dataDirectory = dataDirectory.toAbsolutePath().normalize();
    this.log = new ServerLog(log.toAbsolutePath());
  }

  /** How {@code pg_ctl stop} ends a server. */
  public enum StopMode {
    /** Sessions are ended, then a checkpoint is written. */
    FAST,
    /** As in a crash: the next start recovers from the WAL. */
    IMMEDIATE
  }

  /**
   * Creates the data directory with {@code initdb}: UTF-8, locale C, SCRAM for every connection.
   *
   * @param passwordFile holds the superuser's password in its first line
   * @param options further options of {@code initdb}, such as {@code --no-sync}
   * @throws PostgresException when initdb fails, with what it said
   */
  public void initialize(String superuser, Path passwordFile, String... options) {
    List<String> command = new ArrayList<>();
    command.add(binaries.program("initdb").toString());
    command.addAll(List.of("-D", dataDirectory.toString(), "-U", superuser));
    command.addAll(List.of("-A", "scram-sha-256", "--pwfile", passwordFile.toString()));
    command.addAll(List.of("-E", "UTF8", "--locale", "C"));
    command.addAll(List.of(options));
    var result = ChildCommand.run(command, Duration.ofMinutes(2));
    if (!result.succeeded()) {
      throw new PostgresException(
          "initdb failed in %s:%n%s".formatted(dataDirectory, result.output()));
    }
  }

  /**
   * Starts the server and waits until it takes sessions, or finds the one that is running already.
   *
   * @param options settings for the server's command line such as {@code -c ssl=off}, which ALTER
   *     SYSTEM cannot override afterwards; {@code pg_ctl} hands them to a shell, so never give it
   *     anything from outside
   * @return false when a running server was found and taken over
   * @throws PostgresException when it does not come up, with the log of this attempt
   */
  public boolean start(Duration timeout, String... options) {
    if (awaitDecision(timeout)) {
      return false;
    }
    removeStaleFile();
    long logged = log.size();
    List<String> command = pgCtl("start", timeout);
    command.addAll(List.of("-l", log.path().toString()));
    if (options.length > 0) {
      command.addAll(List.of("-o", String.join(" ", options)));
    }
    var result = ChildCommand.run(command, environment, timeout.plusSeconds(10));
    if (!result.succeeded()) {
      throw new PostgresException(
          "PostgreSQL did not start in %s: %s%n%s"
              .formatted(dataDirectory, result.output(), log.tail(logged)));
    }
    return true;
  }

  /**
   * Stops the server; does nothing when none is running.
   *
   * @throws PostgresException when it is still running after {@code timeout}
   */
  public void stop(StopMode mode, Duration timeout) {
    if (running().isEmpty()) {
      return;
    }
    List<String> command = pgCtl("stop", timeout);
    command.addAll(List.of("-m", mode == StopMode.FAST ? "fast" : "immediate"));
    var result = ChildCommand.run(command, timeout.plusSeconds(10));
    if (!result.succeeded() && running().isPresent()) {
      throw new PostgresException(
          "PostgreSQL did not stop in %s: %s".formatted(dataDirectory, result.output()));
    }
  }

  /** The server that is running on this data directory, whoever started it. */
  public Optional<PostmasterFile> running() {
    return file().filter(this::alive);
  }

  /** The whole log as far as it can be read. */
  public String log() {
    return log.text();
  }

  public Path dataDirectory() {
    return dataDirectory;
  }

  /** True when a living server takes sessions; false when there is none (any more). */
  private boolean awaitDecision(Duration timeout) {
    long deadline = System.nanoTime() + timeout.toNanos();
    for (var server = running(); server.isPresent(); server = running()) {
      if (server.get().ready()) {
        return true;
      }
      if (System.nanoTime() > deadline) {
        throw new PostgresException(
            "a PostgreSQL with pid %d runs in %s but is %s for more than %s"
                .formatted(server.get().pid(), dataDirectory, server.get().status(), timeout));
      }
      LockSupport.parkNanos(PROMPT.toNanos());
    }
    return false;
  }

  /**
   * After a crash of the machine or in a restarted container the pid may belong to another program;
   * PostgreSQL would then refuse to start ({@code miscinit.c:CreateLockFile} only asks whether the
   * pid is alive).
   */
  private void removeStaleFile() {
    try {
      if (file().isPresent()) {
        Files.deleteIfExists(PostmasterFile.path(dataDirectory));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Optional<PostmasterFile> file() {
    try {
      return PostmasterFile.read(dataDirectory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * The pid alone proves little, as pids are used again: the process must be a {@code postgres} and
   * work in this directory, as far as the operating system lets us see it.
   */
  private boolean alive(PostmasterFile server) {
    Optional<ProcessHandle> process = ProcessHandle.of(server.pid()).filter(ProcessHandle::isAlive);
    if (process.isEmpty()) {
      return false;
    }
    boolean postgres =
        process.get().info().command().map(command -> command.endsWith("/postgres")).orElse(true);
    return postgres && worksHere(server.pid());
  }

  private boolean worksHere(long pid) {
    try {
      return Files.isSameFile(Path.of("/proc", Long.toString(pid), "cwd"), dataDirectory);
    } catch (NoSuchFileException e) {
      // a dead process whose parent does not collect it has no directory; macOS has no /proc
      return !Files.isDirectory(Path.of("/proc/self"));
    } catch (IOException e) {
      return true;
    }
  }

  private List<String> pgCtl(String verb, Duration timeout) {
    return new ArrayList<>(
        List.of(
            binaries.program("pg_ctl").toString(),
            verb,
            "-D",
            dataDirectory.toString(),
            "-w",
            "-t",
            Long.toString(Math.max(1, TimeUnit.MILLISECONDS.toSeconds(timeout.toMillis())))));
  }
}
