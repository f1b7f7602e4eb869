package dev.pgseal.job;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs a job's steps in order, and takes back what was done when one fails or somebody cancels.
 *
 * <ol>
 *   <li>Steps that are done or skipped are passed over, so a restart goes on where it stopped.
 *   <li>Before each step: was {@code :cancel} asked for? Then undo. Or {@code :pause}? Then the job
 *       stops here until {@code :resume}. A step that has begun is not stopped half way, and what
 *       is taken back is not paused.
 *   <li>Neighbours that need nothing of each other run at the same time ({@link
 *       StepActions#besides}), and are all waited for.
 *   <li>A step that fails ends the way up: its own change and those of the steps before it are
 *       taken back, last first.
 *   <li>An undo waits a while for a server that is away, or that lacks space or a privilege. One
 *       that fails stops the undoing, for the earlier inverses are safe only after the later ones
 *       (ssl must not go off while the rules still demand it). The job is then {@code FAILED} and
 *       says which server needs a person.
 *   <li>A step that destroys what an undo would need ends the way back: see {@link
 *       StepActions#irrevocable}.
 * </ol>
 */
public final class StepRunner {

  private static final Logger LOG = Logger.getLogger(StepRunner.class);

  /** What passes by itself. */
  private static final Set<ProblemType> PASSING =
      Set.of(ProblemType.SERVER_UNREACHABLE, ProblemType.OPERATION_IN_PROGRESS);

  /** Member of the problem of a step that did not fail. */
  private static final String CANCELLED = "cancelled";

  private final JobExecution execution;
  private final StepActions actions;

  private StepRunner(JobExecution execution, StepActions actions) {
    this.execution = execution;
    this.actions = actions;
  }

  /** Whether it passes by itself: a server that restarts, or that another operation holds. */
  public static boolean passes(PgsealException e) {
    return PASSING.contains(e.type());
  }

  /** Until the job has ended, or waits for somebody or for a time. */
  public static void run(JobExecution execution, StepActions actions) {
    new StepRunner(execution, actions).run();
  }

  private void run() {
    Job job = execution.job();
    Optional<JobProblem> failure = earlierFailure(job);
    Deque<JobStep> left = new ArrayDeque<>(job.steps());
    left.removeIf(JobStep::settled);
    while (!left.isEmpty()) {
      JobStep step = left.element();
      if (failure.isPresent() && !goesOnAfter(step)) {
        left.remove();
        continue;
      }
      if (execution.cancelRequested() && !pastReturn(step)) {
        break;
      }
      if (failure.isEmpty() && step.state() == StepState.PENDING && pauses()) {
        return;
      }
      for (Attempt attempt : runTogether(next(left, failure.isEmpty()))) {
        if (attempt.waiting()) {
          return;
        }
        failure = failure.or(attempt::failure);
      }
    }
    end(failure);
  }

  /** The next step, with those behind it that may run beside it. */
  private List<JobStep> next(Deque<JobStep> left, boolean together) {
    JobStep first = left.remove();
    List<JobStep> next = new ArrayList<>(List.of(first));
    while (together
        && next.size() < SideBySide.AT_A_TIME
        && !left.isEmpty()
        && left.element().state() == first.state() // what has not begun may have to pause
        && actions.besides(first, left.element())) {
      next.add(left.remove());
    }
    return next;
  }

  private List<Attempt> runTogether(List<JobStep> steps) {
    return SideBySide.run(
        steps.stream().<Supplier<Attempt>>map(step -> () -> runStep(step)).toList());
  }

  /** What is held between two steps is let go of first. */
  private boolean pauses() {
    if (!execution.pauseRequested()) {
      return false;
    }
    actions.pausing();
    return execution.pauses();
  }

  private void end(Optional<JobProblem> failure) {
    boolean cancelled = execution.cancelRequested();
    if (failure.isPresent() && execution.job().steps().stream().anyMatch(this::pastReturn)) {
      end(JobState.FAILED, failure.get());
    } else if (failure.isPresent()) {
      takeBack(cancelled ? JobState.CANCELLED : JobState.ROLLED_BACK, failure.get());
    } else if (cancelled && !execution.job().steps().stream().allMatch(JobStep::settled)) {
      takeBack(JobState.CANCELLED, null);
    } else {
      end(JobState.SUCCEEDED, null);
    }
  }

  private void end(JobState state, @Nullable JobProblem problem) {
    actions.ending(state, problem);
    execution.end(state, problem);
  }

  private boolean pastReturn(JobStep step) {
    return step.state() != StepState.PENDING && actions.irrevocable(step);
  }

  /** A step that failed before a restart is not tried again. */
  private boolean goesOnAfter(JobStep step) {
    return actions.goesOnAfterFailure() && step.state() != StepState.FAILED;
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
        .filter(problem -> !problem.members().containsKey(CANCELLED))
        .findFirst();
  }

  /**
   * @param waiting the job was left to whoever says {@code :continue}, or to a later time
   */
  private record Attempt(boolean waiting, Optional<JobProblem> failure) {}

  private Attempt runStep(JobStep step) {
    execution.stepRunning(step.position());
    try {
      StepResult result = actions.run(step);
      if (leaves(step, result)) {
        return new Attempt(true, Optional.empty());
      }
      StepState state =
          result.outcome() == StepResult.Outcome.DONE ? StepState.DONE : StepState.SKIPPED;
      execution.stepEnded(step.position(), state, result.observed(), null);
      return new Attempt(false, Optional.empty());
    } catch (JobExecution.FencedOffException e) {
      throw e;
    } catch (RuntimeException e) {
      if (Thread.currentThread().isInterrupted() || ControlDatabaseAway.isCauseOf(e)) {
        throw e;
      }
      if (waitedInVain(e) && execution.cancelRequested() && !pastReturn(step)) {
        return new Attempt(false, Optional.empty());
      }
      JobProblem problem = problem(e, step);
      execution.stepEnded(step.position(), StepState.FAILED, Map.of(), problem);
      return new Attempt(false, Optional.of(problem));
    }
  }

  /** A cancel ends the wait for a server that somebody else works on: no failure of the step. */
  private static boolean waitedInVain(RuntimeException e) {
    return e instanceof PgsealException p && p.type() == ProblemType.OPERATION_IN_PROGRESS;
  }

  /** Whether the step goes on in another execution: after somebody's word, or after a time. */
  private boolean leaves(JobStep step, StepResult result) {
    if (result.outcome() == StepResult.Outcome.WAITING) {
      execution.awaitApproval(step.position(), result.observed());
      return true;
    }
    if (result.outcome() == StepResult.Outcome.LATER) {
      execution.runAgain(
          step.position(), result.observed(), Objects.requireNonNull(result.pause(), "pause"));
      return true;
    }
    return false;
  }

  private void takeBack(JobState outcome, @Nullable JobProblem cause) {
    boolean changed = false;
    boolean keep = cause == null && execution.cancelKeeps();
    List<JobStep> steps = execution.job().steps();
    for (int i = steps.size() - 1; i >= 0; i--) {
      JobStep step = steps.get(i);
      Optional<String> undo = execution.undo(step.position());
      if (undo.isEmpty() || step.state() == StepState.PENDING) {
        stopWaiting(step, cause == null ? "cancelled" : "taken back");
        continue;
      }
      changed = true;
      if (step.state() == StepState.UNDONE || keep && stays(step, steps)) {
        continue;
      }
      Optional<JobProblem> failed = new StepUndo(execution, actions).run(step, undo.get());
      if (failed.isPresent()) {
        end(JobState.FAILED, failed.get());
        return;
      }
    }
    end(!changed && outcome == JobState.ROLLED_BACK ? JobState.FAILED : outcome, cause);
  }

  private boolean stays(JobStep step, List<JobStep> steps) {
    return step.state() == StepState.DONE && actions.keeps(step, steps);
  }

  /** A step that waited, or was broken off, when the job came to its end does not run any more. */
  private void stopWaiting(JobStep step, String what) {
    if (step.state() == StepState.RUNNING) {
      execution.stepEnded(
          step.position(), StepState.FAILED, step.observed(), endedBefore(step, what));
    }
  }

  /** Of a step that waited when its job was cancelled. It is no failure of the step. */
  public static JobProblem cancelledBefore(JobStep step) {
    return endedBefore(step, "cancelled");
  }

  private static JobProblem endedBefore(JobStep step, String what) {
    return new JobProblem(
        ProblemType.ILLEGAL_STATE,
        "The job was " + what + " before this step was done",
        Map.of("step", step.kind(), CANCELLED, true));
  }

  static JobProblem problem(RuntimeException e, JobStep step) {
    PgsealException known =
        e instanceof PgsealException p
            ? p
            : new PgsealException(
                ProblemType.INTERNAL_ERROR, "The step met an unexpected error; see the log", e);
    if (known != e) {
      LOG.errorf(e, "step %s of %s", step.kind(), step.server());
    }
    if (step.server() != null) {
      known.with("server", step.server());
    }
    return JobProblem.of(known.with("step", step.kind()));
  }
}
