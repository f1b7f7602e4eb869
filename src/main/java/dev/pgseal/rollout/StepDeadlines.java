package dev.pgseal.rollout;

import dev.pgseal.job.JobStep;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The watchdog that rings {@link StepDeadline}s. */
@ApplicationScoped
public class StepDeadlines implements AutoCloseable {

  private final ScheduledThreadPoolExecutor watchdog =
      new ScheduledThreadPoolExecutor(
          1,
          task -> {
            Thread thread = new Thread(task, "pgseal-step-deadlines");
            thread.setDaemon(true);
            return thread;
          });

  public StepDeadlines() {
    watchdog.setRemoveOnCancelPolicy(true);
  }

  /** From now on. */
  StepDeadline begin(JobStep step, Duration limit) {
    StepDeadline deadline = new StepDeadline(step, limit);
    deadline.alarm(watchdog.schedule(deadline::ring, limit.toMillis(), TimeUnit.MILLISECONDS));
    return deadline;
  }

  @Override
  @PreDestroy
  public void close() {
    watchdog.shutdownNow();
  }
}
