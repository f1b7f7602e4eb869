package dev.pgseal.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * Runs one of PostgreSQL's own programs to its end.
 *
 * <p>PostgreSQL refuses to run as root. When the effective user is root the program runs through
 * {@code unshare -U}: in a user namespace without a mapping it is nobody, while files keep their
 * owner.
 */
final class ChildCommand {

  private ChildCommand() {}

  /**
   * What the program said and how it ended.
   *
   * @param output standard output and standard error together
   */
  record Result(int exitStatus, String output) {
    boolean succeeded() {
      return exitStatus == 0;
    }
  }

  static Result run(List<String> command, Duration timeout) {
    return run(command, Map.of(), timeout);
  }

  /**
   * @param environment over our own
   */
  static Result run(List<String> command, Map<String, String> environment, Duration timeout) {
    try {
      // a file and not a pipe: a server that is started may outlive us and must not hold one
      Path output = Files.createTempFile("pgseal-", ".out");
      try {
        Process process = start(command, environment, output);
        process.getOutputStream().close();
        if (!process.waitFor(timeout.toMillis(), TimeUnit.MILLISECONDS)) {
          process.destroy();
          throw new PostgresException(
              "%s did not end within %s".formatted(command.get(0), timeout));
        }
        return new Result(process.exitValue(), Files.readString(output).strip());
      } finally {
        Files.deleteIfExists(output);
      }
    } catch (IOException e) {
      throw new PostgresException("%s cannot be run: %s".formatted(command.get(0), e), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PostgresException(command.get(0) + " was interrupted", e);
    }
  }

  private static Process start(List<String> command, Map<String, String> environment, Path output)
      throws IOException {
    List<String> whole = new ArrayList<>();
    if (new com.sun.security.auth.module.UnixSystem().getUid() == 0) {
      whole.addAll(List.of("unshare", "-U"));
    }
    whole.addAll(command);
    ProcessBuilder builder = new ProcessBuilder(whole);
    // the caller's PG* variables would change what initdb and the server do
    builder.environment().keySet().removeIf(name -> name.startsWith("PG"));
    builder.environment().put("LC_ALL", "C");
    builder.environment().putAll(environment);
    return builder.redirectErrorStream(true).redirectOutput(output.toFile()).start();
  }
}
