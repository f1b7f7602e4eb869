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

  /** Key in {@code observed} of the step that begins a wave: somebody has to say so. */
  static final String PAUSES_BEFORE = "pausesBefore";

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
      List<Part> waves = waves();
      for (int wave = 0; wave < waves.size(); wave++) {
        if (waves.size() > 1) {
          boolean pauses = wave > 0 && waves.get(wave - 1).pausesAfter();
          step(
              JobStep.WAVE,
              null,
              describe(wave, waves),
              pauses ? Map.of(PAUSES_BEFORE, true) : Map.of());
        }
        for (Topology cluster : waves.get(wave).clusters()) {
          cluster(wave, cluster);
        }
      }
      return new FleetPlan(steps, clusters, rollouts);
    }

    /** A wave that has clusters. */
    private record Part(List<Topology> clusters, boolean pausesAfter) {}

    /** One that would be empty is none; its pause is that of the wave before. */
    private List<Part> waves() {
      int all = servers(rollouts);
      List<Part> waves = new ArrayList<>();
      List<Topology> left = new ArrayList<>(rollouts);
      int taken = 0;
      for (Wave wave : request.fleetPolicy().allWaves()) {
        List<Topology> members = new ArrayList<>();
        while (!left.isEmpty() && taken < wave.reach(all)) {
          Topology next = left.remove(0);
          taken += next.members().size();
          members.add(next);
        }
        if (!members.isEmpty()) {
          waves.add(new Part(members, wave.pausesAfter()));
        } else if (wave.pausesAfter() && !waves.isEmpty()) {
          Part before = waves.remove(waves.size() - 1);
          waves.add(new Part(before.clusters(), true));
        }
      }
      if (!left.isEmpty()) {
        waves.add(new Part(left, false));
      }
      return waves;
    }

    private static int servers(List<Topology> clusters) {
      return clusters.stream().mapToInt(cluster -> cluster.members().size()).sum();
    }

    private static String describe(int wave, List<Part> waves) {
      int servers = servers(waves.get(wave).clusters());
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
