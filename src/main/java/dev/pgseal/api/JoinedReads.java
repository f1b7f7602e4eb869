package dev.pgseal.api;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets callers who want the same at the same time share one read of it. Nobody gets what was read
 * before they asked: who comes while a read is under way waits for the next one, which begins when
 * that has ended. So there is one read at a time for each key, however many callers there are.
 *
 * @param <K> what is read
 * @param <V> what comes of it; shared, so nobody may change it
 */
final class JoinedReads<K, V> {

  private static final class Line<V> {
    private CompletableFuture<V> running = new CompletableFuture<>();
    private @Nullable CompletableFuture<V> next;
  }

  private final Map<K, Line<V>> lines = new HashMap<>();

  /**
   * @param read run by this thread or by that of another caller
   * @throws RuntimeException what {@code read} threw, to all who share it
   */
  V get(K key, Supplier<V> read) {
    CompletableFuture<V> mine;
    CompletableFuture<V> before = null;
    boolean leads = true;
    synchronized (lines) {
      Line<V> line = lines.get(key);
      if (line == null) {
        line = new Line<>();
        lines.put(key, line);
        mine = line.running;
      } else if (line.next == null) {
        line.next = new CompletableFuture<>();
        mine = line.next;
        before = line.running;
      } else {
        mine = line.next;
        leads = false;
      }
    }
    if (!leads) {
      return shared(mine);
    }
    if (before != null) {
      before.handle((value, failure) -> true).join();
    }
    return lead(key, mine, read);
  }

  private V lead(K key, CompletableFuture<V> mine, Supplier<V> read) {
    try {
      begin(key, mine);
      mine.complete(read.get());
    } catch (RuntimeException | Error e) {
      mine.completeExceptionally(e);
    } finally {
      end(key, mine);
    }
    return shared(mine);
  }

  /** From now on, who comes is too late for this read. */
  private void begin(K key, CompletableFuture<V> mine) {
    synchronized (lines) {
      Line<V> line = lines.get(key);
      if (line != null && line.next == mine) {
        line.running = mine;
        line.next = null;
      }
    }
  }

  private void end(K key, CompletableFuture<V> mine) {
    synchronized (lines) {
      Line<V> line = lines.get(key);
      if (line != null && line.running == mine && line.next == null) {
        lines.remove(key);
      }
    }
  }

  private V shared(CompletableFuture<V> read) {
    try {
      return read.join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof RuntimeException cause) {
        throw cause;
      }
      throw e;
    }
  }
}
