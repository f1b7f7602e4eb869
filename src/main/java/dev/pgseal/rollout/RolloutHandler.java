package dev.pgseal.rollout;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobHandler;
import dev.pgseal.job.JobProblem;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepState;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.tls.Pause;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Runs a rollout's steps in order, and takes back what was done when one fails or somebody cancels.
 *
 * <ol>
 *   <li>Steps that are done or skipped are passed over, so a restart goes on where it stopped.
 *   <li>Before each step: was {@code :cancel} asked for? Then undo.
 *   <li>A step that fails ends the way up: its own change and those of the steps before it are
 *       taken back, last first.
 *   <li>An undo waits a while for a server that is away. One that fails stops the undoing, for the
 *       earlier inverses are safe only after the later ones (ssl must not go off while the rules
 *       still demand it). The job is then {@code FAILED} and says which server needs a person.
 * </ol>
 */
@ApplicationScoped
public class RolloutHandler implements JobHandler {

  public static final String KIND = "rollout";

  private static final Logger LOG = Logger.getLogger(RolloutHandler.class);

  /** What passes by itself. */
  private static final Set<ProblemType> PASSING =
      Set.of(ProblemType.SERVER_UNREACHABLE, ProblemType.OPERATION_IN_PROGRESS);

  private static final Duration UNDO_PATIENCE = Duration.ofMinutes(2);
  private static final Duration TRY_AGAIN = Duration.ofSeconds(2);

  private final StepContexts contexts;
  private final ObjectMapper json;
  private final Duration patience;
  private final Map<StepKind, RolloutStep> steps = new EnumMap<>(StepKind.class);

  @Inject
  public RolloutHandler(StepContexts contexts, ObjectMapper json, Instance<RolloutStep> steps) {
    this(contexts, json, steps, UNDO_PATIENCE);
  }

  /**
   * @param patience how long an undo waits for a server that is away
   */
  RolloutHandler(
      StepContexts contexts, ObjectMapper json, Instance<RolloutStep> steps, Duration patience) {
    this.contexts = contexts;
    this.json = json;
    this.patience = patience;
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
    Optional<JobProblem> failure = earlierFailure(job);
    for (JobStep step : job.steps()) {
      if (failure.isPresent() || settled(step)) {
        continue;
      }
      if (execution.cancelRequested()) {
        break;
      }
      failure = runStep(execution, rollout, step);
    }
    boolean cancelled = execution.cancelRequested();
    if (failure.isPresent()) {
      takeBack(
          execution, rollout, cancelled ? JobState.CANCELLED : JobState.ROLLED_BACK, failure.get());
    } else if (cancelled && !allSettled(execution.job())) {
      takeBack(execution, rollout, JobState.CANCELLED, null);
    } else {
      execution.end(JobState.SUCCEEDED, null);
    }
  }

  private static boolean settled(JobStep step) {
    return step.state() == StepState.DONE || step.state() == StepState.SKIPPED;
  }

  private static boolean allSettled(Job job) {
    return job.steps().stream().allMatch(RolloutHandler::settled);
  }

  /**
   * The replica before us may have died while it took steps back: then there is no way but on back.
   * The failed step itself may be {@code UNDONE} by then; it keeps its problem.
   */
  private static Optional<JobProblem> earlierFailure(Job job) {
    return Stream.of(StepState.FAILED, StepState.UNDONE, StepState.UNDO_FAILED)
        .flatMap(state -> job.steps().stream().filter(step -> step.state() == state))
        .map(JobStep::problem)
        .filter(Objects::nonNull)
        .findFirst();
  }

  private Optional<JobProblem> runStep(
      JobExecution execution, StoredRollout rollout, JobStep step) {
    StepKind kind = StepKind.valueOf(step.kind());
    execution.stepRunning(step.position());
    try {
      StepContext context = contexts.of(execution, rollout, step);
      RolloutStep.Result result = steps.get(kind).run(context, kind);
      execution.stepEnded(step.position(), result.state(), result.observed(), null);
      return Optional.empty();
    } catch (JobExecution.FencedOffException e) {
      throw e;
    } catch (RuntimeException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e;
      }
      JobProblem problem = problem(e, step);
      execution.stepEnded(step.position(), StepState.FAILED, Map.of(), problem);
      return Optional.of(problem);
    }
  }

  private void takeBack(
      JobExecution execution,
      StoredRollout rollout,
      JobState outcome,
      @org.jspecify.annotations.Nullable JobProblem cause) {
    boolean changed = false;
    java.util.List<JobStep> steps = execution.job().steps();
    for (int i = steps.size() - 1; i >= 0; i--) {
      JobStep step = steps.get(i);
      Optional<String> undo = execution.undo(step.position());
      if (undo.isEmpty() || step.state() == StepState.PENDING) {
        continue;
      }
      changed = true;
      if (step.state() == StepState.UNDONE) {
        continue;
      }
      Optional<JobProblem> failed = undoStep(execution, rollout, step, undo.get());
      if (failed.isPresent()) {
        execution.end(JobState.FAILED, failed.get());
        return;
      }
    }
    execution.end(!changed && outcome == JobState.ROLLED_BACK ? JobState.FAILED : outcome, cause);
  }

  private Optional<JobProblem> undoStep(
      JobExecution execution, StoredRollout rollout, JobStep step, String undo) {
    try {
      undoPatiently(execution, rollout, step, undo);
      execution.stepEnded(step.position(), StepState.UNDONE, step.observed(), step.problem());
      return Optional.empty();
    } catch (JobExecution.FencedOffException e) {
      throw e;
    } catch (RuntimeException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw e;
      }
      JobProblem problem = problem(e, step);
      execution.stepEnded(step.position(), StepState.UNDO_FAILED, step.observed(), problem);
      return Optional.of(problem);
    }
  }

  /**
   * A server that restarts just now, or that another operation holds, must not be left half way:
   * the undo is tried again until it is there.
   */
  private void undoPatiently(
      JobExecution execution, StoredRollout rollout, JobStep step, String undo) {
    StepKind kind = StepKind.valueOf(step.kind());
    Instant deadline = Instant.now().plus(patience);
    while (true) {
      try {
        steps.get(kind).undo(contexts.of(execution, rollout, step), kind, undo);
        return;
      } catch (PgsealException e) {
        if (!PASSING.contains(e.type()) || Instant.now().isAfter(deadline)) {
          throw e;
        }
        execution.note(step.position(), "undo is tried again", Map.of("reason", e.detail()));
        Pause.of(TRY_AGAIN);
      }
    }
  }

  private static JobProblem problem(RuntimeException e, JobStep step) {
    PgsealException known =
        e instanceof PgsealException p
            ? p
            : new PgsealException(
                ProblemType.INTERNAL_ERROR, "The step met an unexpected error; see the log", e);
    if (known != e) {
      LOG.errorf(e, "step %s of %s", step.kind(), step.server());
    }
    return JobProblem.of(known.with("server", step.server()).with("step", step.kind()));
  }
}
