package dev.pgseal.rollout;

import dev.pgseal.job.StepState;
import java.util.Map;
import java.util.Set;

/**
 * One kind of step. {@link #run} makes it so and says what was seen from outside; run again after a
 * crash in the middle, it goes on. {@link #undo} takes it back from what {@link
 * StepContext#recordUndo} kept, and proves that.
 */
interface RolloutStep {

  Set<StepKind> kinds();

  /**
   * @throws dev.pgseal.problem.PgsealException the step failed; what it changed is taken back by
   *     {@link #undo} when an undo was recorded
   */
  Result run(StepContext context, StepKind kind);

  /** Only called when an undo was recorded. */
  default void undo(StepContext context, StepKind kind, String undo) {}

  /**
   * @param observed what was seen from outside; plain JSON
   */
  record Result(StepState state, Map<String, Object> observed) {

    static Result done(Map<String, Object> observed) {
      return new Result(StepState.DONE, observed);
    }

    /** The server was already so. */
    static Result skipped(Map<String, Object> observed) {
      return new Result(StepState.SKIPPED, observed);
    }
  }
}
