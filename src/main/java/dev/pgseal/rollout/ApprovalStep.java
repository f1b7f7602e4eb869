package dev.pgseal.rollout;

import dev.pgseal.job.JobExecution;
import dev.pgseal.job.StepResult;
import dev.pgseal.server.ServerStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Waits for a second person. Only then, or in the window after it, the servers shall be so. */
@ApplicationScoped
class ApprovalStep implements RolloutStep {

  private static final String WAITS_FOR = "waitsFor";

  private final ServerStore servers;

  ApprovalStep(ServerStore servers) {
    this.servers = servers;
  }

  @Override
  public Set<StepKind> kinds() {
    return Set.of(StepKind.APPROVAL);
  }

  @Override
  public StepResult run(StepContext<RolloutRequest> context, StepKind kind) {
    Map<String, Object> observed = new LinkedHashMap<>(context.step().observed());
    if (!observed.containsKey(JobExecution.APPROVED_BY)) {
      return StepResult.waiting(
          Map.of(WAITS_FOR, ":approve by somebody else, or :cancel to change nothing"));
    }
    observed.remove(WAITS_FOR);
    if (context.request().maintenanceWindow() == null) {
      DesiredMode.set(servers, context.request());
    }
    return StepResult.done(observed);
  }
}
