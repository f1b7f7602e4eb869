package dev.pgseal.rollout;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobHandler;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepActions;
import dev.pgseal.job.StepResult;
import dev.pgseal.job.StepRunner;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Runs rollouts: see {@link RolloutPlan} for the order, {@link StepRunner} for the way back. */
@ApplicationScoped
public class RolloutHandler implements JobHandler {

  public static final String KIND = "rollout";

  private final StepContexts contexts;
  private final ObjectMapper json;
  private final StepDeadlines deadlines;
  private final Duration undoPatience;
  private final Map<StepKind, RolloutStep> steps = new EnumMap<>(StepKind.class);

  @Inject
  public RolloutHandler(
      StepContexts contexts,
      ObjectMapper json,
      StepDeadlines deadlines,
      Instance<RolloutStep> steps) {
    this(contexts, json, deadlines, steps, StepActions.UNDO_PATIENCE);
  }

  /**
   * @param undoPatience how long an undo waits for a server that is away
   */
  RolloutHandler(
      StepContexts contexts,
      ObjectMapper json,
      StepDeadlines deadlines,
      Instance<RolloutStep> steps,
      Duration undoPatience) {
    this.contexts = contexts;
    this.json = json;
    this.deadlines = deadlines;
    this.undoPatience = undoPatience;
    steps.forEach(step -> step.kinds().forEach(kind -> this.steps.put(kind, step)));
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public void run(JobExecution execution) {
    StoredRollout rollout = json.convertValue(execution.job().request(), StoredRollout.class);
    StepRunner.run(execution, new Actions(execution, rollout));
  }

  private final class Actions implements StepActions {
    private final JobExecution execution;
    private final StoredRollout rollout;

    private Actions(JobExecution execution, StoredRollout rollout) {
      this.execution = execution;
      this.rollout = rollout;
    }

    @Override
    public StepResult run(JobStep step) {
      StepKind kind = StepKind.valueOf(step.kind());
      RolloutStep doing = steps.get(kind);
      RolloutRequest request = rollout.request();
      Duration limit = request.deadlineOfAStep().plus(doing.waits(request));
      try (StepDeadline deadline = deadlines.begin(step, limit)) {
        return deadline.hold(
            () -> doing.run(contexts.rollout(execution, rollout, step, deadline), kind));
      }
    }

    /** A certificate that is not served is no mode, nor are rules of which nothing was proved. */
    @Override
    public boolean keeps(JobStep done, List<JobStep> steps) {
      return switch (StepKind.valueOf(done.kind())) {
        case INSTALL_CERTIFICATE -> isDone(steps, StepKind.ENABLE_SSL, done.server());
        case CONVERT_RULES -> isDone(steps, StepKind.PROVE_ENFORCED, done.server());
        default -> true;
      };
    }

    private static boolean isDone(List<JobStep> steps, StepKind kind, @Nullable String server) {
      return steps.stream()
          .filter(step -> step.kind().equals(kind.name()) && Objects.equals(step.server(), server))
          .anyMatch(JobStep::settled);
    }

    @Override
    public Duration undoPatience() {
      return undoPatience;
    }

    @Override
    public void undo(JobStep step, String undo) {
      StepKind kind = StepKind.valueOf(step.kind());
      steps.get(kind).undo(contexts.rollout(execution, rollout, step, null), kind, undo);
    }
  }
}
