package dev.pgseal.job;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jboss.logging.Logger;

/**
 * {@code pgseal_jobs} by state, {@code pgseal_job_waiting_seconds} and {@code
 * pgseal_job_engine_lag_seconds}: what the control database says, so that it does not matter which
 * replica is scraped. NaN while it cannot be asked.
 */
@ApplicationScoped
@Startup
public class JobMetrics {

  private static final Logger LOG = Logger.getLogger(JobMetrics.class);
  private static final Duration EVERY = Duration.ofSeconds(10);

  private final JobStore store;
  private volatile JobFigures figures = new JobFigures(Map.of(), Duration.ZERO, Duration.ZERO);
  private volatile boolean known;
  private final ScheduledExecutorService refresher =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "pgseal-job-metrics");
            thread.setDaemon(true);
            return thread;
          });

  JobMetrics(JobStore store, MeterRegistry registry) {
    this.store = store;
    Arrays.stream(JobState.values())
        .filter(state -> !state.ended())
        .forEach(
            state ->
                gauge("pgseal.jobs", f -> f.unfinished().getOrDefault(state, 0L))
                    .description("Jobs that have not ended")
                    .tag("state", state.name())
                    .register(registry));
    gauge("pgseal.job.waiting", f -> f.longestWait().toMillis() / 1e3)
        .baseUnit("seconds")
        .description("How long a job has been waiting for somebody's approval, at most")
        .register(registry);
    gauge("pgseal.job.engine.lag", f -> f.lag().toMillis() / 1e3)
        .baseUnit("seconds")
        .description("How long what is due has not been begun by any replica, at most")
        .register(registry);
    refresher.scheduleWithFixedDelay(this::refresh, 0, EVERY.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Gauge.Builder<JobMetrics> gauge(String name, ToDoubleFunction<JobFigures> value) {
    return Gauge.builder(
        name, this, self -> self.known ? value.applyAsDouble(self.figures) : Double.NaN);
  }

  private void refresh() {
    try {
      figures = store.figures();
      known = true;
    } catch (RuntimeException e) {
      known = false;
      // an exception would end the schedule; the control database may come back
      LOG.warn("The metrics of jobs are not refreshed just now", e);
    }
  }

  @PreDestroy
  void stop() {
    refresher.shutdownNow();
  }
}
