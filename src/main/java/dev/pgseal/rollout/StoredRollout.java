package dev.pgseal.rollout;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A rollout as its job keeps it.
 *
 * @param primaries for each standby of the rollout, the primary it streams from
 * @param retryOf the job that it repeats; null when it repeats none
 */
public record StoredRollout(
    RolloutRequest request, Map<String, String> primaries, @Nullable UUID retryOf) {
  public StoredRollout {
    primaries = Map.copyOf(primaries);
  }
}
