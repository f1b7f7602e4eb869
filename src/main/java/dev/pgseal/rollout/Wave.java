package dev.pgseal.rollout;

import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * How far a fleet rollout has come when this wave is over, counted from the first server on.
 *
 * @param count servers; null when {@code percent} says it
 * @param percent of all servers of the rollout, rounded up; null when {@code count} says it
 * @param pauseAfter whether somebody has to say {@code :continue} before the next wave begins
 */
@Schema(name = "RolloutWave")
public record Wave(
    @Nullable
        @Schema(
            description = "servers that have been taken on when it is over, from the first on",
            minimum = "1",
            examples = "1")
        Integer count,
    @Nullable
        @Schema(
            description = "the same in per cent of all servers, rounded up",
            minimum = "1",
            maximum = "100",
            examples = "25")
        Integer percent,
    @Nullable
        @Schema(description = "wait for :continue before the next wave begins; false when absent")
        Boolean pauseAfter) {

  boolean pausesAfter() {
    return Boolean.TRUE.equals(pauseAfter);
  }

  /**
   * @param all servers of the rollout
   * @return how many of them, at most {@code all}
   */
  int reach(int all) {
    int servers = count != null ? count : (all * percentage() + 99) / 100;
    return Math.min(servers, all);
  }

  private int percentage() {
    return percent == null ? 100 : percent;
  }
}
