package dev.pgseal.embedded;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a service with an embedded control database, held by one process at a time.
 *
 * <p>The lock is the operating system's, so that it is gone when its holder is, however it died.
 */
final class DataDirectory implements AutoCloseable {

  private final Path path;
  private final FileChannel lockFile;

  private DataDirectory(Path path, FileChannel lockFile) {
    this.path = path;
    this.lockFile = lockFile;
  }

  /**
   * Creates the directory when missing (mode 0700) and takes its lock.
   *
   * @throws StartRefusedException when another living process holds it
   */
  static DataDirectory open(Path path) throws IOException {
    Path absolute = path.toAbsolutePath().normalize();
    if (!Files.isDirectory(absolute)) {
      Files.createDirectories(
          absolute,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    }
    FileChannel lockFile =
        FileChannel.open(
            absolute.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    if (tryLock(lockFile) == null) {
      lockFile.close();
      throw new StartRefusedException(
          ("The data directory %s is in use by another running pgseal."
                  + " Stop that one, or set pgseal.data-directory to another directory.")
              .formatted(absolute));
    }
    return new DataDirectory(absolute, lockFile);
  }

  Path path() {
    return path;
  }

  /** The data directory of PostgreSQL; there from the end of its initdb on. */
  Path postgres() {
    return path.resolve("postgres");
  }

  Path postgresLog() {
    return path.resolve("postgres.log");
  }

  PrivateFile keyset() {
    return new PrivateFile(path.resolve("keyset.json"));
  }

  PrivateFile adminToken() {
    return new PrivateFile(path.resolve("admin-token"));
  }

  PrivateFile databasePassword() {
    return new PrivateFile(path.resolve("database-password"));
  }

  @Override
  public void close() throws IOException {
    lockFile.close();
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }
}
