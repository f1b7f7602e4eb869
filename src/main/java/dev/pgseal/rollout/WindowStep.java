package dev.pgseal.rollout;

import dev.pgseal.job.StepResult;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Waits for the maintenance window, holding nothing. Only then the servers are asked for to be so.
 * What has begun within the window goes on after its end.
 */
@ApplicationScoped
class WindowStep implements RolloutStep {

  private static final String WAITS_UNTIL = "waitsUntil";
  private static final String OPENED_AT = "openedAt";

  private final Clock clock;

  WindowStep(Clock clock) {
    this.clock = clock;
  }

  @Override
  public Set<StepKind> kinds() {
    return Set.of(StepKind.WINDOW);
  }

  @Override
  public StepResult run(StepContext<RolloutRequest> context, StepKind kind) {
    MaintenanceWindow window =
        Objects.requireNonNull(context.request().maintenanceWindow(), "maintenanceWindow");
    Instant now = clock.instant();
    if (!window.contains(now)) {
      Instant opens = window.nextStart(now);
      return StepResult.later(Map.of(WAITS_UNTIL, opens.toString()), Duration.between(now, opens));
    }
    context.execution().desireMode(context.request().target().name());
    return StepResult.done(Map.of(OPENED_AT, now.toString()));
  }
}
