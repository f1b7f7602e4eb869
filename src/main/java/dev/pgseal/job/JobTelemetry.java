package dev.pgseal.job;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;

/** Where executions of jobs are seen: metrics, traces and the fields of log lines. */
@ApplicationScoped
public class JobTelemetry {

  private final JobMeters meters;
  private final JobTraces traces;

  @Inject
  JobTelemetry(MeterRegistry registry, OpenTelemetry telemetry) {
    this.meters = new JobMeters(registry);
    this.traces = new JobTraces(telemetry);
  }

  /** Seen by nobody. */
  static JobTelemetry none() {
    return new JobTelemetry(new SimpleMeterRegistry(), OpenTelemetry.noop());
  }

  ObservedExecution observe(JobExecution execution, Job job, JobStore store) {
    return new ObservedExecution(
        execution,
        job,
        meters,
        traces,
        traces.execution(job.kind(), job.id(), store.traceParent(job.id()).orElse(null)));
  }
}
