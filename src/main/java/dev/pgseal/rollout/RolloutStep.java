package dev.pgseal.rollout;

import dev.pgseal.job.StepResult;
import java.time.Duration;
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
  StepResult run(StepContext<RolloutRequest> context, StepKind kind);

  /**
   * How long one run of it may wait for something since that was asked for; it does not count as
   * work ({@link StepDeadline}).
   */
  default Duration waits(RolloutRequest request) {
    return Duration.ZERO;
  }

  /** Only called when an undo was recorded. */
  default void undo(StepContext<RolloutRequest> context, StepKind kind, String undo) {}
}
