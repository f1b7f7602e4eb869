package dev.pgseal.it;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * What {@code openapi/package-lock.json} names, installed in {@code target/npm}. The tests that
 * want it are skipped, with the reason, where there is no Node.js 20 with npm, or no registry.
 */
final class NpmTools {

  private static final Path HERE = Path.of("target", "npm");
  private static final Path OPENAPI = Path.of("openapi");
  private static final List<String> MANIFEST = List.of("package.json", "package-lock.json");
  private static final int LEAST_NODE = 20;

  /**
   * @param output of both streams
   */
  record Result(int exitCode, String output) {}

  private NpmTools() {}

  /** The directory with {@code node_modules}; skips the test without. */
  static Path require() {
    String version = run(Map.of(), "node", "--version").output().strip();
    assumeTrue(
        version.matches("v\\d+\\..*")
            && Integer.parseInt(version.substring(1, version.indexOf('.'))) >= LEAST_NODE,
        "skipped: there is no Node.js " + LEAST_NODE + " here (" + version + ")");
    Result installed = install();
    assumeTrue(
        installed.exitCode() == 0,
        "skipped: npm cannot install openapi/package-lock.json: " + installed.output());
    return HERE;
  }

  /** Once for all forks of the build. */
  private static Result install() {
    try {
      Files.createDirectories(HERE);
      try (FileChannel lock =
          FileChannel.open(
              HERE.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        lock.lock();
        Path done = HERE.resolve("node_modules").resolve("installed-package-lock.json");
        String wanted = Files.readString(OPENAPI.resolve("package-lock.json"));
        if (Files.exists(done) && Files.readString(done).equals(wanted)) {
          return new Result(0, "");
        }
        for (String file : MANIFEST) {
          Files.copy(
              OPENAPI.resolve(file), HERE.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        Result result =
            run(
                Map.of(),
                "npm",
                "ci",
                "--ignore-scripts",
                "--no-audit",
                "--no-fund",
                "--fetch-retries=1",
                "--fetch-timeout=30000");
        if (result.exitCode() == 0) {
          Files.writeString(done, wanted);
        }
        return result;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Runs a program of {@code node_modules/.bin}, or {@code node} or {@code npm}, in there. */
  static Result run(Map<String, String> environment, String... command) {
    try {
      Files.createDirectories(HERE);
      Path output = Files.createTempFile("npm", ".log");
      ProcessBuilder builder =
          new ProcessBuilder(command)
              .directory(HERE.toFile())
              .redirectErrorStream(true)
              .redirectOutput(output.toFile());
      builder.environment().putAll(environment);
      Process process;
      try {
        process = builder.start();
      } catch (IOException e) {
        return new Result(-1, e.getMessage());
      }
      if (!process.waitFor(4, TimeUnit.MINUTES)) {
        process.destroyForcibly();
        return new Result(-1, "not ready after 4 minutes: " + Files.readString(output));
      }
      return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Copies the files of a directory, without those below. */
  static void copy(Path from) {
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.copy(file, HERE.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
