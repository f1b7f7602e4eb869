package dev.pgseal.rollout;

import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepResult;
import dev.pgseal.tls.RulesChange;
import dev.pgseal.tls.ServerUnderChange;
import dev.pgseal.tls.StragglerScan;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Waits until nothing that the old rules judged can still arrive, and ends what does. It looks now
 * and then, and holds nothing in between; what it knows is in the step, so a restart loses nothing.
 */
@ApplicationScoped
class StragglerWait {

  private static final String WINDOW_END = "stragglersUntil";
  private static final String SCANS = "scans";
  private static final String STRAGGLERS = "stragglers";

  private final StragglerScan scan;
  private final RulesChange rules;

  StragglerWait(StragglerScan scan, RulesChange rules) {
    this.scan = scan;
    this.rules = rules;
  }

  /** {@code DONE} with what was seen and {@code provedAt}, else {@code LATER}. */
  StepResult look(StepContext<RolloutRequest> context) {
    Map<String, Object> observed = new LinkedHashMap<>(context.step().observed());
    StragglerScan.Look look;
    Instant windowEnd;
    try (ServerUnderChange change = context.open()) {
      windowEnd = windowEnd(context, change, observed);
      look =
          scan.look(
              change.session(), windowEnd, StragglerScan.PLAINTEXT, context.request().drainGrace());
    }
    observed.put(WINDOW_END, windowEnd.toString());
    observed.put(SCANS, 1 + ((Number) observed.getOrDefault(SCANS, 0)).intValue());
    observed.put(STRAGGLERS, stragglers(context, observed.get(STRAGGLERS), look));
    if (!look.proved()) {
      return StepResult.later(observed, look.untilNext());
    }
    observed.put("stragglersEnded", ((List<?>) observed.get(STRAGGLERS)).size());
    observed.put("plaintextSessions", look.found());
    observed.put("provedAt", look.at().toString());
    return StepResult.done(observed);
  }

  /**
   * By the first look: a later reload does not move it, nor does a later change of {@code
   * authentication_timeout}, which a backend reads as it begins.
   */
  private Instant windowEnd(
      StepContext<RolloutRequest> context, ServerUnderChange change, Map<String, Object> observed) {
    if (observed.get(WINDOW_END) instanceof String known) {
      return Instant.parse(known);
    }
    return reloadedAt(context, change).plus(scan.window(change.session()));
  }

  private Instant reloadedAt(StepContext<RolloutRequest> context, ServerUnderChange change) {
    return context.execution().job().steps().stream()
        .filter(step -> step.kind().equals(StepKind.CONVERT_RULES.name()))
        .filter(step -> context.server().name().equals(step.server()))
        .map(JobStep::observed)
        .filter(o -> o.containsKey(RulesSteps.RELOADED_AT))
        .map(o -> Instant.parse(String.valueOf(o.get(RulesSteps.RELOADED_AT))))
        .findFirst()
        .orElseGet(() -> rules.loadedAt(change));
  }

  private static List<Object> stragglers(
      StepContext<RolloutRequest> context, @Nullable Object before, StragglerScan.Look look) {
    List<Object> all = new ArrayList<>(before instanceof List<?> list ? list : List.of());
    look.ended().stream().map(SessionReport::of).forEach(all::add);
    if (!look.ended().isEmpty()) {
      context.note(
          "plaintext sessions that came late were ended",
          Map.of("sessions", look.ended().stream().map(SessionReport::of).toList()));
    }
    return all;
  }
}
