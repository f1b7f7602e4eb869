package dev.pgseal.testing;

import dev.pgseal.embedded.DirectoryTree;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file system of its own for a server's data directory, which can be filled up. Needs root. */
public final class SmallDisk implements AutoCloseable {

  private final PostgresServer server;
  private final Path mounted;
  private final Path filler;

  private SmallDisk(PostgresServer server, Path mounted) {
    this.server = server;
    this.mounted = mounted;
    this.filler = mounted.resolve("filler");
  }

  /** This user may mount file systems. */
  public static boolean possible() {
    try {
      Path directory = Files.createTempDirectory("pgseal-disk");
      boolean mounts = run("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", directory.toString());
      if (mounts) {
        run("umount", directory.toString());
      }
      Files.delete(directory);
      return mounts;
    } catch (IOException e) {
      return false;
    }
  }

  /** Moves the server's data onto it; the server is restarted for that. */
  public static SmallDisk under(PostgresServer server) {
    Path data = server.dataDirectory();
    Path aside = data.resolveSibling("aside");
    server.stop();
    try {
      Files.move(data, aside);
      Files.createDirectory(data);
      if (!run("mount", "-t", "tmpfs", "-o", "size=128m,mode=700", "tmpfs", data.toString())) {
        throw new IllegalStateException("no file system could be mounted");
      }
      if (!run("cp", "-a", aside + "/.", data.toString())) {
        throw new IllegalStateException("the data could not be copied");
      }
      DirectoryTree.delete(aside);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.start();
    return new SmallDisk(server, data);
  }

  /** Nothing more can be written. */
  public void fill() {
    byte[] block = new byte[4096];
    try (OutputStream out = Files.newOutputStream(filler)) {
      while (true) {
        out.write(block);
      }
    } catch (IOException e) {
      // full
    }
  }

  public void free() {
    try {
      Files.deleteIfExists(filler);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Stops the server, whose data are gone then. */
  @Override
  public void close() {
    free();
    server.stop();
    run("umount", mounted.toString());
  }

  private static boolean run(String... command) {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
