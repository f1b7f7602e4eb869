package dev.pgseal.rollout;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.job.JobDraft;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Makes the jobs of a rollout, before they are accepted. */
@ApplicationScoped
public class RolloutDrafts {

  private static final TypeReference<Map<String, Object>> OBJECT = new TypeReference<>() {};

  private final ObjectMapper json;

  public RolloutDrafts(ObjectMapper json) {
    this.json = json;
  }

  /**
   * @param children by the position of the job's step that each is
   */
  record Fleet(JobDraft job, SortedMap<Integer, JobDraft> children) {}

  /**
   * The job of one cluster.
   *
   * @param retryOf the job that it repeats; null when it repeats none
   */
  JobDraft rollout(RolloutRequest request, Topology topology, @Nullable UUID retryOf) {
    Map<String, String> primaries = new HashMap<>();
    topology.members().stream()
        .filter(member -> member.primary() != null)
        .forEach(m -> primaries.put(m.server().name(), m.primary().name()));
    return new JobDraft(
        RolloutHandler.KIND,
        json.convertValue(new StoredRollout(request, primaries, retryOf), OBJECT),
        RolloutPlan.of(request, topology).steps(),
        topology.members().stream().map(Topology.Member::server).map(ManagedServer::id).toList());
  }

  /** A job over several clusters, with a job for each; {@code retryOf} as in {@link #rollout}. */
  Fleet fleet(RolloutRequest request, List<Topology> clusters, @Nullable UUID retryOf) {
    FleetPlan plan = FleetPlan.of(request, clusters);
    SortedMap<Integer, JobDraft> children = new TreeMap<>();
    for (int i = 0; i < plan.clusters().size(); i++) {
      StoredFleet.Cluster cluster = plan.clusters().get(i);
      children.put(
          cluster.position(),
          rollout(request.ofCluster(cluster.servers()), plan.rollouts().get(i), null));
    }
    JobDraft job =
        new JobDraft(
            FleetHandler.KIND,
            json.convertValue(new StoredFleet(request, plan.clusters(), retryOf), OBJECT),
            plan.steps(),
            children.values().stream().flatMap(child -> child.servers().stream()).toList());
    return new Fleet(job, children);
  }
}
