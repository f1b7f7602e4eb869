package dev.pgseal.rollout;

import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepState;
import dev.pgseal.server.ManagedServer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a rollout over several clusters: for each cluster its own rollout, wave by wave.
 *
 * <p>A cluster is never divided: a wave that ends within one takes all of it. Clusters are taken in
 * the order in which the request names the first server of each.
 *
 * @param rollouts of the clusters, in the order of {@code clusters}
 */
public record FleetPlan(
    List<JobStep> steps, List<StoredFleet.Cluster> clusters, List<Topology> rollouts) {

  /** Keys in {@code observed} of a cluster's step. */
  static final String SERVERS = "servers";

  static final String WAVE = "wave";

  public FleetPlan {
    steps = List.copyOf(steps);
    clusters = List.copyOf(clusters);
    rollouts = List.copyOf(rollouts);
  }

  static FleetPlan of(RolloutRequest request, List<Topology> clusters) {
    return new Builder(request, clusters).build();
  }

  private static final class Builder {
    private final RolloutRequest request;
    private final List<Topology> rollouts;
    private final List<JobStep> steps = new ArrayList<>();
    private final List<StoredFleet.Cluster> clusters = new ArrayList<>();

    Builder(RolloutRequest request, List<Topology> rollouts) {
      this.request = request;
      this.rollouts = rollouts;
    }

    FleetPlan build() {
      if (request.needsApproval()) {
        step(JobStep.APPROVAL, null, "Wait until somebody else approves it", Map.of());
      }
      List<List<Topology>> waves = waves();
      for (int wave = 0; wave < waves.size(); wave++) {
        if (waves.size() > 1) {
          step(JobStep.WAVE, null, describe(wave, waves), Map.of());
        }
        for (Topology cluster : waves.get(wave)) {
          cluster(wave, cluster);
        }
      }
      return new FleetPlan(steps, clusters, rollouts);
    }

    private List<List<Topology>> waves() {
      int all = servers(rollouts);
      List<List<Topology>> waves = new ArrayList<>();
      List<Topology> left = new ArrayList<>(rollouts);
      int taken = 0;
      for (Wave wave : request.fleetPolicy().allWaves()) {
        List<Topology> members = new ArrayList<>();
        while (!left.isEmpty() && taken < wave.reach(all)) {
          Topology next = left.remove(0);
          taken += next.members().size();
          members.add(next);
        }
        waves.add(members);
      }
      waves.add(left);
      waves.removeIf(List::isEmpty);
      return waves;
    }

    private static int servers(List<Topology> clusters) {
      return clusters.stream().mapToInt(cluster -> cluster.members().size()).sum();
    }

    private static String describe(int wave, List<List<Topology>> waves) {
      int servers = servers(waves.get(wave));
      return "Begin wave %d of %d: %d server%s"
          .formatted(wave + 1, waves.size(), servers, servers == 1 ? "" : "s");
    }

    private void cluster(int wave, Topology cluster) {
      List<String> names =
          cluster.members().stream().map(Topology.Member::server).map(ManagedServer::name).toList();
      clusters.add(new StoredFleet.Cluster(steps.size(), wave, names));
      Map<String, Object> observed = new LinkedHashMap<>();
      observed.put(WAVE, wave + 1);
      observed.put(SERVERS, names);
      step(
          JobStep.ROLLOUT,
          names.get(0),
          "Take %s to %s".formatted(String.join(" and ", names), request.target()),
          observed);
    }

    private void step(
        String kind, @Nullable String server, String description, Map<String, Object> observed) {
      steps.add(
          new JobStep(
              steps.size(),
              server,
              kind,
              description,
              StepState.PENDING,
              observed,
              null,
              null,
              null));
    }
  }
}
