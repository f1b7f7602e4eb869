package dev.pgseal.rollout;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.job.ChildJobs;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.JobStore;
import dev.pgseal.job.Requester;
import dev.pgseal.job.StepState;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** Asks for a rollout again that did not succeed: the same request, planned anew. */
@ApplicationScoped
public class RolloutRetry {

  private final JobStore jobs;
  private final RolloutService rollouts;
  private final ChildJobs children;
  private final ObjectMapper json;

  public RolloutRetry(
      JobStore jobs, RolloutService rollouts, ChildJobs children, ObjectMapper json) {
    this.jobs = jobs;
    this.rollouts = rollouts;
    this.children = children;
    this.json = json;
  }

  /**
   * A new job; the old one stays as it ended. Of several clusters those are taken on again that did
   * not get there. Whoever asks now is its requester, and an approval is needed again.
   *
   * @param request of {@link #request}
   * @throws PgsealException as {@link RolloutService#start}; {@code ILLEGAL_STATE} when the old one
   *     left servers half way
   */
  public Job retry(UUID id, RolloutRequest request, Requester requestedBy) {
    requireNothingLeft(require(id));
    return rollouts.start(request, requestedBy, id);
  }

  /**
   * A way back would lead to the middle of the old job and no further, so nobody shall take that
   * for its beginning unawares: it is asked anew for what needs a person.
   */
  private void requireNothingLeft(Job job) {
    Stream<Job> looked =
        job.kind().equals(FleetHandler.KIND)
            ? children.of(job.id()).stream().map(child -> require(child.id()))
            : Stream.of(job);
    List<JobStep> left =
        looked
            .filter(one -> !jobs.followed(one.id()))
            .flatMap(one -> one.steps().stream())
            .filter(step -> step.state() == StepState.UNDO_FAILED)
            .toList();
    if (!left.isEmpty()) {
      List<String> servers = left.stream().map(step -> String.valueOf(step.server())).toList();
      throw conflict(
              job,
              "Job %s left servers half way: %s of %s could not be taken back"
                  .formatted(job.id(), left.get(0).kind(), String.join(", ", servers)))
          .with("servers", servers)
          .hint(
              "Mend what the problem of the step names. Then POST /v1/rollouts takes these servers,"
                  + " with their cluster, on as they are now, and back to that if it must");
    }
  }

  /**
   * What a retry asks for.
   *
   * @throws PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE} for a job that has not ended,
   *     has succeeded or is no rollout
   */
  public RolloutRequest request(UUID id) {
    Job job = require(id);
    if (job.kind().equals(FleetHandler.KIND)) {
      return ofFleet(job);
    }
    requireRetriable(job);
    RolloutRequest request = json.convertValue(job.request(), StoredRollout.class).request();
    if (job.parent() == null) {
      return request;
    }
    // approval and window are the parent's
    return json.convertValue(require(job.parent()).request(), StoredFleet.class)
        .request()
        .of(request.servers());
  }

  private Job require(UUID id) {
    return jobs.find(id)
        .orElseThrow(() -> new PgsealException(ProblemType.NOT_FOUND, "There is no job " + id));
  }

  /** For the clusters that did not get there, also where no more failed than may. */
  private RolloutRequest ofFleet(Job job) {
    requireEnded(job);
    StoredFleet fleet = json.convertValue(job.request(), StoredFleet.class);
    List<String> left =
        fleet.clusters().stream()
            .filter(cluster -> job.steps().get(cluster.position()).state() != StepState.DONE)
            .flatMap(cluster -> cluster.servers().stream())
            .toList();
    if (left.isEmpty()) {
      throw succeeded(job);
    }
    return fleet.request().of(left);
  }

  private static void requireRetriable(Job job) {
    if (!job.kind().equals(RolloutHandler.KIND)) {
      throw conflict(job, "Job %s is no rollout: %s".formatted(job.id(), job.kind()))
          .hint("Only a rollout is repeated as a whole; ask for the other change again");
    }
    requireEnded(job);
    if (job.state() == JobState.SUCCEEDED) {
      throw succeeded(job);
    }
  }

  private static void requireEnded(Job job) {
    if (!job.state().ended()) {
      throw conflict(job, "Job %s has not ended: %s".formatted(job.id(), job.state()))
          .hint("It still goes on, or waits for somebody; :cancel ends it");
    }
  }

  private static PgsealException succeeded(Job job) {
    return conflict(job, "Job " + job.id() + " has succeeded")
        .hint("POST /v1/rollouts asks for something new");
  }

  private static PgsealException conflict(Job job, String detail) {
    return new PgsealException(ProblemType.ILLEGAL_STATE, detail).with("state", job.state());
  }
}
