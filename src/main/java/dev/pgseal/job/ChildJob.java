package dev.pgseal.job;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A job that another one runs, as its parent looks at it.
 *
 * @param position the parent's step that it is
 * @param held it was not started yet: nobody picks it, and its servers are free for others
 * @param parked it waits for a time ({@link JobExecution#runAgain})
 * @param blockedSince since when it cannot be started because others have one of its servers
 * @param problem why it failed
 */
public record ChildJob(
    UUID id,
    int position,
    JobState state,
    boolean held,
    boolean parked,
    @Nullable Instant blockedSince,
    @Nullable JobProblem problem) {

  /** It goes on only when a person says so. */
  public boolean waitsForSomebody() {
    return state == JobState.AWAITING_APPROVAL || state == JobState.PAUSED;
  }

  /** It was started, and neither has ended nor waits for a person or a time. */
  public boolean working() {
    return !held && !parked && !state.ended() && !waitsForSomebody();
  }
}
