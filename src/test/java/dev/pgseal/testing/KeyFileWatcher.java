package dev.pgseal.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Collects the private keys that lie in a data directory at any time, throw-away ones too. */
public final class KeyFileWatcher implements AutoCloseable {

  private final Path directory;
  private final Set<String> keys = new TreeSet<>();
  private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

  public KeyFileWatcher(PostgresServer server) {
    directory = server.dataDirectory().resolve("pgseal");
    timer.scheduleWithFixedDelay(this::look, 0, 5, TimeUnit.MILLISECONDS);
  }

  /** PEM of every key seen so far, and of those that lie there now. */
  public synchronized Set<String> keys() {
    look();
    return Set.copyOf(keys);
  }

  private synchronized void look() {
    if (!Files.isDirectory(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      files.filter(file -> file.endsWith("server.key")).forEach(this::read);
    } catch (NoSuchFileException e) {
      // removed meanwhile; the next look sees the rest
    } catch (UncheckedIOException e) {
      if (!(e.getCause() instanceof NoSuchFileException)) {
        throw e;
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void read(Path file) {
    try {
      keys.add(Files.readString(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
