package dev.pgseal.job;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Tells who waits for a job that something happened in it, on whichever replica it runs: one query
 * for all that are waited for, every {@value #POLL_MILLIS} ms, and none while nobody waits.
 */
@ApplicationScoped
public class JobFollowers {

  private static final Logger LOG = Logger.getLogger(JobFollowers.class);

  private static final int POLL_MILLIS = 250;

  private final JobStore store;
  private final Queue<Waiter> waiters = new ConcurrentLinkedQueue<>();
  private final ScheduledExecutorService poller =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "pgseal-job-followers");
            thread.setDaemon(true);
            return thread;
          });

  JobFollowers(JobStore store) {
    this.store = store;
    poller.scheduleWithFixedDelay(this::poll, POLL_MILLIS, POLL_MILLIS, TimeUnit.MILLISECONDS);
  }

  private record Waiter(UUID jobId, long afterEventId, CompletableFuture<Void> happened) {}

  /**
   * Completes, on a thread that must not be held, once the job has an event with an id greater than
   * {@code afterEventId}; at once when it has one already, or does not exist.
   *
   * <p>Whoever stops waiting cancels it.
   */
  public CompletableFuture<Void> next(UUID jobId, long afterEventId) {
    Waiter waiter = new Waiter(jobId, afterEventId, new CompletableFuture<>());
    waiters.add(waiter);
    return waiter.happened;
  }

  private void poll() {
    try {
      waiters.removeIf(waiter -> waiter.happened.isDone());
      List<Waiter> waiting = List.copyOf(waiters);
      if (!waiting.isEmpty()) {
        wake(
            waiting,
            store.lastEventIds(waiting.stream().map(Waiter::jobId).collect(Collectors.toSet())));
      }
    } catch (RuntimeException e) {
      // an exception would end the schedule; the control database may come back
      LOG.warn("Followers of jobs are not served just now", e);
    }
  }

  private static void wake(List<Waiter> waiting, Map<UUID, Long> lastEventIds) {
    for (Waiter waiter : waiting) {
      Long last = lastEventIds.get(waiter.jobId);
      if (last == null || last > waiter.afterEventId) {
        waiter.happened.complete(null);
      }
    }
  }

  @PreDestroy
  void stop() {
    poller.shutdownNow();
    waiters.forEach(waiter -> waiter.happened.cancel(false));
  }
}
