package dev.pgseal.rollout;

import dev.pgseal.job.ChildJob;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobProblem;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepState;
import dev.pgseal.problem.ProblemType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a rollout over several clusters ends. */
record FleetEnd(JobState state, @Nullable JobProblem problem) {

  /** {@code SUCCEEDED} with no more failures than may, as long as one cluster came through. */
  static FleetEnd of(FleetCourse course, Job job, StoredFleet fleet, boolean cancelled) {
    if (cancelled && !course.allSucceeded()) {
      return new FleetEnd(JobState.CANCELLED, null);
    }
    if (course.stopped() || course.anyFailed() && !course.anySucceeded()) {
      return new FleetEnd(JobState.FAILED, tooManyFailures(job, fleet));
    }
    return new FleetEnd(course.anySucceeded() ? JobState.SUCCEEDED : JobState.CANCELLED, null);
  }

  void write(JobExecution execution) {
    execution.end(state, problem);
  }

  /** The state of the job's step that is the rollout of an ended cluster. */
  static StepState stepState(ChildJob child, JobStep step) {
    return switch (child.state()) {
      case SUCCEEDED -> StepState.DONE;
      case ROLLED_BACK -> StepState.UNDONE;
      case CANCELLED -> step.state() == StepState.PENDING ? StepState.SKIPPED : StepState.UNDONE;
      default -> StepState.FAILED;
    };
  }

  static JobProblem tooManyFailures(Job job, StoredFleet fleet) {
    List<Map<String, Object>> failures =
        job.steps().stream()
            .filter(step -> step.problem() != null)
            .filter(FleetEnd::failed)
            .map(FleetEnd::failure)
            .toList();
    return new JobProblem(
        ProblemType.TOO_MANY_FAILURES,
        "%d of %d clusters failed, and maxFailures is %d: nothing more is begun"
            .formatted(
                failures.size(), fleet.clusters().size(), fleet.request().fleetPolicy().failures()),
        Map.of("failures", failures));
  }

  private static boolean failed(JobStep step) {
    return step.state() == StepState.FAILED || step.state() == StepState.UNDONE;
  }

  private static Map<String, Object> failure(JobStep step) {
    Map<String, Object> failure = new LinkedHashMap<>();
    failure.put("server", step.server());
    failure.put("job", step.observed().get("job"));
    if (step.problem() != null) {
      failure.put("type", step.problem().type().uri());
      failure.put("detail", step.problem().detail());
    }
    return failure;
  }
}
