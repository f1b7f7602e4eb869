package dev.pgseal.job;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One verified change of one server within a job.
 *
 * @param position 0-based; steps run in this order and are undone in the reverse
 * @param server the server's name; null for a step that is about no single server
 * @param kind what it does, such as {@code ENABLE_SSL}; the handler of the job's kind knows it
 * @param description the same for people, with the names of this server
 * @param observed what was seen from outside when it was done; plain JSON, never a secret
 */
public record JobStep(
    int position,
    @Nullable String server,
    String kind,
    String description,
    StepState state,
    Map<String, Object> observed,
    @Nullable JobProblem problem,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt) {

  /** It needs nothing more. */
  public boolean settled() {
    return state == StepState.DONE || state == StepState.SKIPPED;
  }

  /** The {@link #kind} of a step that waits for a second person; it is about no single server. */
  public static final String APPROVAL = "APPROVAL";

  /** The {@link #kind} of a step that is a job itself: {@code observed.job} is its id. */
  public static final String ROLLOUT = "ROLLOUT";

  /** The {@link #kind} of a step that begins a wave; it is about no single server. */
  public static final String WAVE = "WAVE";
}
