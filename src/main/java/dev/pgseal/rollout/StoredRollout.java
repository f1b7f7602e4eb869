package dev.pgseal.rollout;

import java.util.Map;

/**
 * A rollout as its job keeps it.
 *
 * @param primaries for each standby of the rollout, the primary it streams from
 */
public record StoredRollout(RolloutRequest request, Map<String, String> primaries) {
  public StoredRollout {
    primaries = Map.copyOf(primaries);
  }
}
