package dev.pgseal.job;

import io.opentelemetry.api.OpenTelemetry;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.Context;
import io.opentelemetry.context.Scope;
import io.opentelemetry.context.propagation.TextMapGetter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Spans of jobs: one for each execution of a job, below the request that asked for it, and one for
 * each step. They tell kinds, servers and outcomes, and nothing that was observed.
 */
public final class JobTraces {

  private static final String SCOPE = "dev.pgseal.job";
  private static final String TRACE_PARENT = "traceparent";

  private static final TextMapGetter<Map<String, String>> FROM_MAP =
      new TextMapGetter<>() {
        @Override
        public Iterable<String> keys(Map<String, String> carrier) {
          return carrier.keySet();
        }

        @Override
        public @Nullable String get(@Nullable Map<String, String> carrier, String key) {
          return carrier == null ? null : carrier.get(key);
        }
      };

  private final Tracer tracer;

  JobTraces(OpenTelemetry telemetry) {
    this.tracer = telemetry.getTracer(SCOPE);
  }

  /** The {@code traceparent} of what this thread works on, null when that is not traced. */
  public static @Nullable String currentParent() {
    Map<String, String> carrier = new HashMap<>();
    W3CTraceContextPropagator.getInstance().inject(Context.current(), carrier, Map::put);
    return carrier.get(TRACE_PARENT);
  }

  Running execution(String kind, UUID job, @Nullable String parent) {
    Context above =
        parent == null
            ? Context.root()
            : W3CTraceContextPropagator.getInstance()
                .extract(Context.root(), Map.of(TRACE_PARENT, parent), FROM_MAP);
    return new Running(
        tracer
            .spanBuilder("job " + kind)
            .setParent(above)
            .setAttribute("pgseal.job.id", job.toString())
            .setAttribute("pgseal.job.kind", kind)
            .startSpan());
  }

  Running step(JobStep step) {
    Span span = tracer.spanBuilder("step " + step.kind()).startSpan();
    span.setAttribute("pgseal.job.step", (long) step.position());
    if (step.server() != null) {
      span.setAttribute("pgseal.server", step.server());
    }
    return new Running(span);
  }

  /** A span that is the current one until it ends. */
  static final class Running {

    private static final List<String> BAD =
        List.of(StepState.FAILED.name(), StepState.UNDO_FAILED.name(), JobState.ROLLED_BACK.name());

    private final Span span;
    private final Scope scope;

    private Running(Span span) {
      this.span = span;
      this.scope = span.makeCurrent();
    }

    /**
     * @param outcome a state of a job or step, or null when it goes on elsewhere or later
     * @param problem that it ended with
     */
    void end(@Nullable String outcome, @Nullable JobProblem problem) {
      if (outcome != null) {
        span.setAttribute("pgseal.outcome", outcome);
        if (BAD.contains(outcome)) {
          span.setStatus(StatusCode.ERROR);
        }
      }
      if (problem != null) {
        span.setAttribute("pgseal.problem", problem.type().uri());
      }
      scope.close();
      span.end();
    }

    /** The thread in which it was the current one is gone. */
    void abandon() {
      span.end();
    }
  }
}
