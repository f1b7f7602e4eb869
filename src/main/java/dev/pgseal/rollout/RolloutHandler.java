package dev.pgseal.rollout;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobHandler;
import dev.pgseal.job.JobProblem;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepActions;
import dev.pgseal.job.StepResult;
import dev.pgseal.job.StepRunner;
import dev.pgseal.tls.HeldServers;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Runs rollouts: see {@link RolloutPlan} for the order, {@link StepRunner} for the way back. */
@ApplicationScoped
public class RolloutHandler implements JobHandler {

  public static final String KIND = "rollout";

  /**
   * Each changes or looks at one server, whatever the others do. Not so for replication and for
   * rules: a primary refuses plaintext after its standbys, and a standby asks for TLS after those
   * that stream from it.
   */
  private static final Set<StepKind> ALL_SERVERS_AT_ONCE =
      EnumSet.of(
          StepKind.PREFLIGHT,
          StepKind.INSTALL_CERTIFICATE,
          StepKind.ENABLE_SSL,
          StepKind.RELAX_RULES,
          StepKind.DISABLE_SSL);

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
    Job job = execution.job();
    StoredRollout rollout = json.convertValue(job.request(), StoredRollout.class);
    try (HeldServers held = new HeldServers()) {
      StepRunner.run(execution, new Actions(execution, job, rollout, held));
    }
  }

  private final class Actions implements StepActions {
    private final JobExecution execution;
    private final Job job;
    private final StoredRollout rollout;
    private final HeldServers held;

    private Actions(JobExecution execution, Job job, StoredRollout rollout, HeldServers held) {
      this.execution = execution;
      this.job = job;
      this.rollout = rollout;
      this.held = held;
    }

    @Override
    public StepResult run(JobStep step) {
      StepKind kind = StepKind.valueOf(step.kind());
      RolloutStep doing = steps.get(kind);
      RolloutRequest request = rollout.request();
      Duration limit = request.deadlineOfAStep().plus(doing.waits(request));
      boolean goesOn = false;
      try (StepDeadline deadline = deadlines.begin(step, limit)) {
        StepResult result = deadline.hold(() -> doing.run(context(step, deadline), kind));
        goesOn = !result.waits();
        return result;
      } finally {
        if (!goesOn) {
          held.close();
        }
      }
    }

    private StepContext<RolloutRequest> context(JobStep step, StepDeadline deadline) {
      return contexts.rollout(
          execution, job, rollout, step, new StepContext.Opening(held, deadline));
    }

    @Override
    public boolean besides(JobStep earlier, JobStep later) {
      return earlier.kind().equals(later.kind())
          && !Objects.equals(earlier.server(), later.server())
          && ALL_SERVERS_AT_ONCE.contains(StepKind.valueOf(later.kind()));
    }

    @Override
    public void pausing() {
      held.close();
    }

    @Override
    public void ending(JobState state, @Nullable JobProblem problem) {
      held.close();
      contexts.endEarlierExecutions(execution);
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
      held.close();
      StepKind kind = StepKind.valueOf(step.kind());
      steps.get(kind).undo(contexts.rollout(execution, job, rollout, step, null), kind, undo);
    }
  }
}
