package dev.pgseal.job;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a {@link JobHandler} may do with the job it runs. Every write is a checkpoint: stored,
 * announced as a {@link JobEvent}, and conditional on this execution still holding the job.
 *
 * <p>A replica that froze and was taken over gets {@link FencedOffException} from its next call and
 * must stop at once.
 */
public interface JobExecution {

  /** Key in {@code observed} of a step that waited: who said {@code :continue}, or approved. */
  String APPROVED_BY = "approvedBy";

  /** The job as stored now. */
  Job job();

  /**
   * Which execution of the job this is: a later one has a higher number. Looked up afresh at every
   * call, so that it fails when there is a later one.
   */
  long fence();

  /**
   * Whether an earlier execution may not have left by itself: its replica was killed, was cut off,
   * or is frozen and may wake up.
   */
  boolean tookOver();

  /** True once somebody asked for {@code :cancel}. Looked up afresh at every call. */
  boolean cancelRequested();

  /** Whether whoever asked for {@code :cancel} wants what was proved to stay. */
  boolean cancelKeeps();

  /** True while somebody wants the job to pause. Looked up afresh at every call. */
  boolean pauseRequested();

  /**
   * Whether the job stops here: somebody asked for {@code :pause}. Then it is {@code PAUSED} and
   * this execution is over.
   */
  boolean pauses();

  /** The step begins (or begins again after a restart). */
  void stepRunning(int position);

  /**
   * Keeps what {@link #undo} needs to take the step back, before the step changes anything. Sealed
   * at rest. The first value stays: a later call for the same step is ignored, so that a restart
   * cannot overwrite the state before the job with a state in the middle of it.
   *
   * @param undo the handler's own JSON text
   */
  void recordUndo(int position, String undo);

  /** What {@link #recordUndo} kept. */
  Optional<String> undo(int position);

  /** The step ended in {@code state}. */
  void stepEnded(
      int position, StepState state, Map<String, Object> observed, @Nullable JobProblem problem);

  /** A remark on a running step, for the followers of the job. */
  void note(int position, String message, Map<String, Object> data);

  /**
   * The step cannot go on before somebody says {@code :continue} ({@link JobEngine#proceed}) or,
   * for a step of kind {@link JobStep#APPROVAL}, approves it ({@link JobEngine#approve}): the job
   * is {@code AWAITING_APPROVAL}. The execution is over; the step runs again in another one, and
   * finds {@link #APPROVED_BY} in its {@code observed}.
   */
  void awaitApproval(int position, Map<String, Object> observed);

  /**
   * The step cannot go on before {@code wait} is over. The execution is over and nothing is held
   * meanwhile, no thread and no connection; the step runs again in another one, here or in another
   * replica, and finds {@code observed}. A {@code :cancel} does not wait.
   */
  void runAgain(int position, Map<String, Object> observed, Duration wait);

  /**
   * From now on the job's servers are asked for to be in this mode. A checkpoint too: who was taken
   * over does not say so any more.
   *
   * @param mode as {@link ChildJobs#start} has it
   */
  void desireMode(String mode);

  /** The job ended in {@code state}. */
  void end(JobState state, @Nullable JobProblem problem);

  /** This execution lost the job to another replica. */
  final class FencedOffException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public FencedOffException(String message) {
      super(message);
    }
  }
}
