package dev.pgseal.job;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What this replica's executions count: {@code pgseal_job_seconds} from the request to the end,
 * {@code pgseal_job_step_seconds}, and {@code pgseal_job_problems_total} by type.
 */
final class JobMeters {

  private final MeterRegistry registry;

  JobMeters(MeterRegistry registry) {
    this.registry = registry;
  }

  void stepEnded(String jobKind, String stepKind, String outcome, Duration took) {
    Timer.builder("pgseal.job.step")
        .description("Steps of jobs, from their begin to their end")
        .tags("kind", jobKind, "step", stepKind, "outcome", outcome)
        .register(registry)
        .record(took);
  }

  void ended(Job job, JobState outcome, @Nullable JobProblem problem) {
    Timer.builder("pgseal.job")
        .description("Jobs, from the request to their end, waiting for people included")
        .tags("kind", job.kind(), "outcome", outcome.name())
        .register(registry)
        .record(Duration.between(job.createdAt(), Instant.now()));
    if (problem != null) {
      Counter.builder("pgseal.job.problems")
          .description("Jobs that ended with a problem, by its type")
          .tags("kind", job.kind(), "type", problem.type().uri())
          .register(registry)
          .increment();
    }
  }
}
