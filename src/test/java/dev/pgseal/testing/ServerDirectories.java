package dev.pgseal.testing;

import dev.pgseal.embedded.DirectoryTree;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Predicate;

/**
 * The directories of test servers, below one private directory of the user in the temporary
 * directory; short, as a socket's path may have 107 bytes.
 *
 * <p>A directory is named after the process that made it. What a killed test run has left behind,
 * servers included, is cleared away by the next run.
 */
final class ServerDirectories {

  private static final Path BASE =
      Path.of(System.getProperty("java.io.tmpdir"), "pgseal-" + System.getProperty("user.name"));
  private static final AtomicBoolean CLEARED = new AtomicBoolean();

  private ServerDirectories() {}

  static Path create() throws IOException {
    Files.createDirectories(
        BASE, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    if (CLEARED.compareAndSet(false, true)) {
      clearLeftovers();
      Runtime.getRuntime().addShutdownHook(new Thread(ServerDirectories::clearOwn));
    }
    return Files.createTempDirectory(BASE, ProcessHandle.current().pid() + "-");
  }

  private static void clearLeftovers() throws IOException {
    try (FileChannel channel =
            FileChannel.open(
                BASE.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = channel.tryLock()) {
      if (lock != null) {
        list(directory -> ProcessHandle.of(owner(directory)).isEmpty())
            .forEach(ServerDirectories::clear);
      }
    }
  }

  /** For servers that a test, or an interrupted run, did not close. */
  private static void clearOwn() {
    try {
      list(directory -> owner(directory) == ProcessHandle.current().pid())
          .forEach(ServerDirectories::clear);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<Path> list(Predicate<Path> chosen) throws IOException {
    try (var directories = Files.list(BASE)) {
      return directories.filter(Files::isDirectory).filter(chosen).toList();
    }
  }

  private static long owner(Path directory) {
    return Long.parseLong(directory.getFileName().toString().split("-", 2)[0]);
  }

  private static void clear(Path directory) {
    try {
      ServerPlatform.chosen().stopAnyServerIn(directory);
      DirectoryTree.delete(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
