package dev.pgseal.job;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A durable job and its steps.
 *
 * @param kind names its {@link JobHandler}, such as {@code rollout}
 * @param request what was asked, as plain JSON; never a secret
 * @param requestedBy the caller's name
 * @param cancelledBy the caller who asked for {@code :cancel}, null when nobody did
 * @param parent the job that runs it, null for one that was asked for
 * @param approval null when nobody has approved it, or it needs none
 * @param paused null unless somebody asked for {@code :pause} and nobody for {@code :resume}; the
 *     state is {@code PAUSED} once no step runs
 */
public record Job(
    UUID id,
    String kind,
    JobState state,
    Map<String, Object> request,
    List<JobStep> steps,
    @Nullable JobProblem problem,
    String requestedBy,
    @Nullable String cancelledBy,
    @Nullable UUID parent,
    @Nullable Approval approval,
    @Nullable Pause paused,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt) {

  /** Who approved it, and when. */
  public record Approval(String by, Instant at) {}

  /** Who paused it, and when. */
  public record Pause(String by, Instant at) {}

  /** Key in the {@link #request} of a job that repeats another one: that one's id. */
  public static final String RETRY_OF = "retryOf";

  /** The job that this one repeats; null when it repeats none. */
  public @Nullable UUID retryOf() {
    return request.get(RETRY_OF) instanceof String id ? UUID.fromString(id) : null;
  }

  /** Steps that need nothing more, in per cent of all; 100 when the job has ended. */
  public int percent() {
    if (state.ended() || steps.isEmpty()) {
      return state.ended() ? 100 : 0;
    }
    long settled =
        steps.stream()
            .filter(s -> s.state() != StepState.PENDING && s.state() != StepState.RUNNING)
            .count();
    return (int) (settled * 100 / steps.size());
  }
}
