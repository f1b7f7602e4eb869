package dev.pgseal.rollout;

import dev.pgseal.job.JobExecution;
import dev.pgseal.job.StepResult;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Waits for a second person. Only then, or in the window after it, the servers shall be so. */
@ApplicationScoped
class ApprovalStep implements RolloutStep {

  private static final String WAITS_FOR = "waitsFor";

  /** What such a step observes while it waits. */
  static final Map<String, Object> WAITS =
      Map.of(WAITS_FOR, ":approve by somebody else, or :cancel to change nothing");

  @Override
  public Set<StepKind> kinds() {
    return Set.of(StepKind.APPROVAL);
  }

  /** What it has observed once somebody approved. */
  static Map<String, Object> approved(Map<String, Object> observed) {
    Map<String, Object> approved = new LinkedHashMap<>(observed);
    approved.remove(WAITS_FOR);
    return approved;
  }

  @Override
  public StepResult run(StepContext<RolloutRequest> context, StepKind kind) {
    Map<String, Object> observed = context.step().observed();
    if (!observed.containsKey(JobExecution.APPROVED_BY)) {
      return StepResult.waiting(WAITS);
    }
    if (context.request().maintenanceWindow() == null) {
      context.execution().desireMode(context.request().target().name());
    }
    return StepResult.done(approved(observed));
  }
}
