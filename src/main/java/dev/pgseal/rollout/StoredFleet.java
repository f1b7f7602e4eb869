package dev.pgseal.rollout;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A rollout over several clusters as its job keeps it.
 *
 * @param clusters in the order in which they are taken on
 * @param retryOf the job that it repeats, for those of its servers that did not get there; null
 *     when it repeats none
 */
public record StoredFleet(RolloutRequest request, List<Cluster> clusters, @Nullable UUID retryOf) {

  public StoredFleet {
    clusters = List.copyOf(clusters);
  }

  /**
   * A primary with its standbys, or a server alone.
   *
   * @param position of the job's step that is its rollout
   * @param wave 0-based
   * @param servers names, the primary first
   */
  public record Cluster(int position, int wave, List<String> servers) {
    public Cluster {
      servers = List.copyOf(servers);
    }
  }
}
