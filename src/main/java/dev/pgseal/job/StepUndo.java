package dev.pgseal.job;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Takes one step back, however long that has to be waited for. */
final class StepUndo {

  /** What passes when somebody frees a disk or gives a privilege back. */
  private static final Set<ProblemType> MENDABLE =
      Set.of(
          ProblemType.LOGIN_REFUSED, ProblemType.PRIVILEGE_MISSING, ProblemType.FILE_NOT_WRITTEN);

  private static final Duration TRY_AGAIN = Duration.ofSeconds(2);

  private final JobExecution execution;
  private final StepActions actions;

  StepUndo(JobExecution execution, StepActions actions) {
    this.execution = execution;
    this.actions = actions;
  }

  /**
   * @return why it could not be taken back
   */
  Optional<JobProblem> run(JobStep step, String undo) {
    try {
      undoPatiently(step, undo);
      execution.stepEnded(step.position(), StepState.UNDONE, step.observed(), step.problem());
      return Optional.empty();
    } catch (JobExecution.FencedOffException e) {
      throw e;
    } catch (RuntimeException e) {
      if (Thread.currentThread().isInterrupted() || ControlDatabaseAway.isCauseOf(e)) {
        throw e;
      }
      JobProblem problem = StepRunner.problem(e, step);
      execution.stepEnded(step.position(), StepState.UNDO_FAILED, step.observed(), problem);
      return Optional.of(problem);
    }
  }

  /**
   * A server that restarts just now, or that another operation holds, must not be left half way:
   * the undo is tried again until it is there.
   */
  private void undoPatiently(JobStep step, String undo) {
    Instant deadline = Instant.now().plus(actions.undoPatience());
    while (true) {
      try {
        actions.undo(step, undo);
        return;
      } catch (PgsealException e) {
        if (!isWorthWaiting(e) || Instant.now().isAfter(deadline)) {
          throw e;
        }
        execution.note(step.position(), "undo is tried again", Map.of("reason", e.detail()));
        pause();
      }
    }
  }

  private static boolean isWorthWaiting(PgsealException e) {
    // class 53: insufficient resources, such as disk_full
    return StepRunner.passes(e)
        || MENDABLE.contains(e.type())
        || String.valueOf(e.members().get("sqlState")).startsWith("53");
  }

  private static void pause() {
    try {
      Thread.sleep(TRY_AGAIN.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PgsealException(ProblemType.INTERNAL_ERROR, "The service is shutting down", e);
    }
  }
}
