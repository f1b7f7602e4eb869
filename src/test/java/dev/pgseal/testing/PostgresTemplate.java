package dev.pgseal.testing;

import dev.pgseal.embedded.DirectoryTree;
import dev.pgseal.embedded.PostgresBinaries;
import dev.pgseal.embedded.PostgresProcess;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/**
 * The binaries of one major and a data directory made by its {@code initdb}, kept in {@code target}
 * over test runs and copied for each server, as initdb takes most of a second.
 */
record PostgresTemplate(PostgresBinaries binaries, Path dataDirectory) {

  private static final Path DOWNLOADED =
      Path.of(System.getProperty("pgseal.test.binaries", "target/postgres-binaries"));

  static synchronized PostgresTemplate of(int major) {
    Path jar = DOWNLOADED.resolve("postgres-%d.jar".formatted(major));
    if (!Files.isRegularFile(jar)) {
      throw new IllegalStateException(
          "no PostgreSQL %d in %s: run ./mvnw process-test-resources first"
              .formatted(major, DOWNLOADED.toAbsolutePath()));
    }
    PostgresBinaries binaries = PostgresBinaries.fromJar(jar, PostgresBinaries.userCache());
    try {
      Path templates = DOWNLOADED.resolveSibling("postgres-templates");
      Path template = templates.resolve(binaries.home().getFileName());
      if (!Files.isDirectory(template)) {
        Files.createDirectories(templates);
        initialize(binaries, template);
      }
      return new PostgresTemplate(binaries, template);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static void initialize(PostgresBinaries binaries, Path template) throws IOException {
    Path work = Files.createTempDirectory(template.getParent(), ".initdb-");
    try {
      Path password = Files.writeString(work.resolve("password"), PostgresServer.PASSWORD + "\n");
      Path data = work.resolve("data");
      // small WAL segments make the copy half as large
      new PostgresProcess(binaries, data, work.resolve("log"))
          .initialize(PostgresServer.SUPERUSER, password, "--no-sync", "--wal-segsize=1");
      Files.move(data, template, StandardCopyOption.ATOMIC_MOVE);
    } catch (FileSystemException e) {
      // another test run was faster
      if (!Files.isDirectory(template)) {
        throw e;
      }
    } finally {
      DirectoryTree.delete(work);
    }
  }
}
