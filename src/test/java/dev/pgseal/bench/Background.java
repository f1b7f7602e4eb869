package dev.pgseal.bench;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;

/** Callers who each ask for something every second, as the pages of a portal do. */
final class Background implements AutoCloseable {

  private static final Duration EVERY = Duration.ofSeconds(1);

  private final ScheduledExecutorService threads;
  private final AtomicLong calls = new AtomicLong();
  private final AtomicLong failures = new AtomicLong();

  /**
   * @param paths that the callers ask for in turn
   */
  Background(int callers, List<String> paths, Consumer<String> ask) {
    threads = Executors.newScheduledThreadPool(callers);
    for (int caller = 0; caller < callers; caller++) {
      int first = caller;
      long offset = EVERY.toMillis() * caller / callers;
      AtomicLong turn = new AtomicLong();
      threads.scheduleAtFixedRate(
          () -> {
            String path = paths.get((int) ((first + turn.getAndIncrement()) % paths.size()));
            try {
              ask.accept(path);
              calls.incrementAndGet();
            } catch (RuntimeException e) {
              failures.incrementAndGet();
            }
          },
          offset,
          EVERY.toMillis(),
          TimeUnit.MILLISECONDS);
    }
  }

  long calls() {
    return calls.get();
  }

  long failures() {
    return failures.get();
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
