package dev.pgseal.job;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the steps of one job do; see {@link StepRunner}. */
public interface StepActions {

  /** Time enough for a server to restart. */
  Duration UNDO_PATIENCE = Duration.ofMinutes(2);

  /**
   * Makes it so and says what was seen from outside; run again after a crash in the middle, it goes
   * on.
   *
   * @throws dev.pgseal.problem.PgsealException the step failed; what it changed is taken back by
   *     {@link #undo} when an undo was recorded
   */
  StepResult run(JobStep step);

  /** Takes the step back and proves that. Only called when an undo was recorded. */
  void undo(JobStep step, String undo);

  /**
   * Whether a step may run while an earlier one does: neither needs what the other does, they work
   * on different servers, and none of them ever waits for somebody or for a time. {@link #run} is
   * then called by several threads.
   */
  default boolean besides(JobStep earlier, JobStep later) {
    return false;
  }

  /** How long an undo waits for a server that is away or held by another operation. */
  default Duration undoPatience() {
    return UNDO_PATIENCE;
  }

  /**
   * Whether the steps after a failed one are run nevertheless, and nothing is taken back: for
   * changes that help each server by itself.
   */
  default boolean goesOnAfterFailure() {
    return false;
  }

  /**
   * Whether there is no way back once this step has begun, since it destroys what an undo would
   * need: it is run to its end whoever says {@code :cancel}, and a failure takes nothing back.
   */
  default boolean irrevocable(JobStep step) {
    return false;
  }

  /**
   * Whether what a step did may stay when the job is cancelled with {@code undo=false}: the server
   * is in a mode that was proved, with it and without what came after.
   *
   * @param steps all of the job
   */
  default boolean keeps(JobStep done, List<JobStep> steps) {
    return false;
  }

  /** Called just before the job is paused. */
  default void pausing() {}

  /** Called just before the job ends; after a crash between the two it is called again. */
  default void ending(JobState state, @Nullable JobProblem problem) {}
}
