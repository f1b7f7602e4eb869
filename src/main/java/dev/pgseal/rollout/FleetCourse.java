package dev.pgseal.rollout;

import dev.pgseal.job.ChildJob;
import dev.pgseal.job.JobState;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Where a rollout over several clusters stands, and what may begin now. Nothing else decides that.
 *
 * <p>A wave begins when each cluster of those before has ended or waits for a person, and no more
 * than {@code maxFailures} failed or wait. Within a wave a cluster that fails, hangs or waits takes
 * nothing from the others but its own place. One that somebody cancelled has not failed.
 */
final class FleetCourse {

  private final FleetPolicy policy;
  private final List<StoredFleet.Cluster> clusters;
  private final Map<Integer, ChildJob> children;

  FleetCourse(StoredFleet fleet, List<ChildJob> children) {
    this.policy = fleet.request().fleetPolicy();
    this.clusters = fleet.clusters();
    this.children =
        children.stream().collect(Collectors.toMap(ChildJob::position, Function.identity()));
  }

  /** More failed than may: nothing begins any more. */
  boolean stopped() {
    return count(FleetCourse::failed) > policy.failures();
  }

  boolean ended() {
    return count(child -> child.state().ended()) == clusters.size();
  }

  boolean allSucceeded() {
    return count(child -> child.state() == JobState.SUCCEEDED) == clusters.size();
  }

  /** At least one came through. */
  boolean anySucceeded() {
    return count(child -> child.state() == JobState.SUCCEEDED) > 0;
  }

  boolean anyFailed() {
    return failures() > 0;
  }

  long failures() {
    return count(FleetCourse::failed);
  }

  /** Those that work now: each has one of the places of {@code maxParallel}. */
  long working() {
    return count(ChildJob::working);
  }

  boolean anyBlocked() {
    return count(child -> child.held() && child.blockedSince() != null) > 0;
  }

  /** Places for further clusters. */
  long places() {
    return Math.max(0, policy.parallel() - working());
  }

  /** 0-based: the first wave that is not over. */
  int wave() {
    return clusters.stream()
        .filter(cluster -> !isOver(child(cluster)))
        .mapToInt(StoredFleet.Cluster::wave)
        .min()
        .orElse(lastWave());
  }

  private int lastWave() {
    return clusters.stream().mapToInt(StoredFleet.Cluster::wave).max().orElse(0);
  }

  /** Whether failed and waiting clusters let {@link #wave} begin. */
  boolean admitted() {
    return wave() == 0 || failures() + count(ChildJob::waitsForSomebody) <= policy.failures();
  }

  /** Those of {@link #wave} that have not begun, in order. */
  List<ChildJob> held() {
    int wave = wave();
    return clusters.stream()
        .filter(cluster -> cluster.wave() == wave)
        .map(this::child)
        .filter(ChildJob::held)
        .toList();
  }

  /** All that have not begun. */
  List<ChildJob> allHeld() {
    return clusters.stream().map(this::child).filter(ChildJob::held).toList();
  }

  private ChildJob child(StoredFleet.Cluster cluster) {
    ChildJob child = children.get(cluster.position());
    if (child == null) {
      throw new IllegalStateException("No job is step " + cluster.position());
    }
    return child;
  }

  private static boolean isOver(ChildJob child) {
    return child.state().ended() || child.waitsForSomebody();
  }

  static boolean failed(ChildJob child) {
    return child.state() == JobState.FAILED || child.state() == JobState.ROLLED_BACK;
  }

  private long count(Predicate<ChildJob> which) {
    return children.values().stream().filter(which).count();
  }
}
