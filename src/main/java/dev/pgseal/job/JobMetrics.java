package dev.pgseal.job;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.function.ToDoubleFunction;

/**
 * {@code pgseal_jobs} by state, {@code pgseal_job_waiting_seconds} and {@code
 * pgseal_job_engine_lag_seconds}: what the control database says, so that it does not matter which
 * replica is scraped. NaN while it cannot be asked.
 */
@ApplicationScoped
public class JobMetrics implements RefreshedMetrics {

  private static final Duration EVERY = Duration.ofSeconds(10);

  private final JobStore store;
  private volatile JobFigures figures = new JobFigures(Map.of(), Duration.ZERO, Duration.ZERO);
  private volatile boolean known;

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
        .description("How long a job has been waiting for somebody's word, at most")
        .register(registry);
    gauge("pgseal.job.engine.lag", f -> f.lag().toMillis() / 1e3)
        .baseUnit("seconds")
        .description("How long what is due has not been begun by any replica, at most")
        .register(registry);
  }

  private Gauge.Builder<JobMetrics> gauge(String name, ToDoubleFunction<JobFigures> value) {
    return Gauge.builder(
        name, this, self -> self.known ? value.applyAsDouble(self.figures) : Double.NaN);
  }

  @Override
  public String name() {
    return "jobs";
  }

  @Override
  public Duration interval() {
    return EVERY;
  }

  @Override
  public void refresh() {
    try {
      figures = store.figures();
      known = true;
    } catch (RuntimeException e) {
      known = false;
      throw e;
    }
  }
}
