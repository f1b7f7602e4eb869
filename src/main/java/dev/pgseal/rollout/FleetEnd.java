package dev.pgseal.rollout;

import dev.pgseal.job.ChildJob;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobProblem;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepRunner;
import dev.pgseal.job.StepState;
import dev.pgseal.problem.ProblemType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** How a rollout over several clusters ends. */
record FleetEnd(JobState state, @Nullable JobProblem problem) {

  /**
   * {@code SUCCEEDED} with no more failures than may, as long as one cluster came through. One that
   * was cancelled is {@code FAILED} when a cluster could not be taken back.
   */
  static FleetEnd of(FleetCourse course, Job job, StoredFleet fleet, boolean cancelled) {
    if (cancelled && !course.allSucceeded()) {
      return course.stuck().isEmpty()
          ? new FleetEnd(JobState.CANCELLED, null)
          : failed(course.stuck(), job, "%d of %d clusters could not be taken back", fleet);
    }
    if (course.stopped()) {
      return new FleetEnd(JobState.FAILED, tooManyFailures(course, job, fleet));
    }
    if (course.anySucceeded()) {
      return new FleetEnd(JobState.SUCCEEDED, null);
    }
    return course.failed().isEmpty()
        ? new FleetEnd(JobState.CANCELLED, null)
        : failed(course.failed(), job, "No cluster got there: %d of %d failed", fleet);
  }

  /** Ends the job, and those of its steps that are no cluster's and still wait. */
  void write(JobExecution execution, Job job) {
    job.steps().stream()
        .filter(step -> step.state() == StepState.RUNNING)
        .filter(step -> !step.kind().equals(JobStep.ROLLOUT))
        .forEach(
            step ->
                execution.stepEnded(
                    step.position(),
                    StepState.FAILED,
                    step.observed(),
                    StepRunner.cancelledBefore(step)));
    execution.end(state, problem);
  }

  /** The state of the job's step that is the rollout of an ended cluster. */
  static StepState stepState(ChildJob child, JobStep step) {
    return switch (child.state()) {
      case SUCCEEDED -> StepState.DONE;
      case ROLLED_BACK -> StepState.UNDONE;
      case CANCELLED ->
          step.state() == StepState.PENDING
              ? StepState.SKIPPED
              : child.keeps() ? StepState.FAILED : StepState.UNDONE;
      default -> StepState.FAILED;
    };
  }

  static @Nullable JobProblem stepProblem(ChildJob child) {
    return child.problem() == null && child.state() == JobState.CANCELLED && child.keeps()
        ? new JobProblem(
            ProblemType.ILLEGAL_STATE,
            "It was cancelled with undo=false: its servers are at the last mode that was proved",
            Map.of())
        : child.problem();
  }

  private static JobProblem tooManyFailures(FleetCourse course, Job job, StoredFleet fleet) {
    return problem(course.failed(), job, tooMany(course, fleet));
  }

  /** Of a cluster that is not begun any more: whoever may see it may not see those that failed. */
  static JobProblem notBegun(FleetCourse course, StoredFleet fleet) {
    return new JobProblem(ProblemType.TOO_MANY_FAILURES, tooMany(course, fleet), Map.of());
  }

  private static String tooMany(FleetCourse course, StoredFleet fleet) {
    return "%d of %d clusters failed, and maxFailures is %d: nothing more is begun"
        .formatted(
            course.failed().size(),
            fleet.clusters().size(),
            fleet.request().fleetPolicy().failures());
  }

  private static FleetEnd failed(
      List<ChildJob> children, Job job, String words, StoredFleet fleet) {
    return new FleetEnd(
        JobState.FAILED,
        problem(children, job, words.formatted(children.size(), fleet.clusters().size())));
  }

  private static JobProblem problem(List<ChildJob> children, Job job, String detail) {
    return new JobProblem(
        ProblemType.TOO_MANY_FAILURES,
        detail,
        Map.of("failures", children.stream().map(child -> failure(child, job)).toList()));
  }

  private static Map<String, Object> failure(ChildJob child, Job job) {
    Map<String, Object> failure = new LinkedHashMap<>();
    failure.put("server", job.steps().get(child.position()).server());
    failure.put("job", child.id());
    if (child.problem() != null) {
      failure.put("type", child.problem().type().uri());
      failure.put("detail", child.problem().detail());
    }
    return failure;
  }
}
