package dev.pgseal.rollout;

import dev.pgseal.job.CarriedUndo;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobDraft;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What a rollout left half way: steps that were to be taken back and were not, or not to their end.
 * Whoever repeats it goes on with them, so that its own way back leads to where the first began.
 *
 * @param job that left them
 * @param steps of it
 */
record Leftovers(Job job, List<JobStep> steps) {

  Leftovers {
    steps = List.copyOf(steps);
  }

  /**
   * @param undosLeft the positions of the steps of which an undo is left; one that succeeded keeps
   *     them, and has left nothing half way
   */
  static Leftovers of(Job job, Set<Integer> undosLeft) {
    if (job.state() == JobState.SUCCEEDED) {
      return new Leftovers(job, List.of());
    }
    return new Leftovers(
        job,
        job.steps().stream()
            .filter(step -> undosLeft.contains(step.position()))
            .filter(step -> !staysOnPurpose(job, step))
            .toList());
  }

  /** Somebody said {@code :cancel?undo=false}. */
  private static boolean staysOnPurpose(Job job, JobStep step) {
    return job.cancelKeeps() && step.settled() && RolloutHandler.keeps(step, job.steps());
  }

  boolean isEmpty() {
    return steps.isEmpty();
  }

  /**
   * The job that goes on with them.
   *
   * @throws PgsealException {@code ILLEGAL_STATE} when it has no step for one of them
   */
  JobDraft into(JobDraft draft) {
    Map<Integer, CarriedUndo> undos = new HashMap<>(draft.undos());
    for (JobStep left : steps) {
      JobStep next =
          draft.steps().stream()
              .filter(step -> step.kind().equals(left.kind()))
              .filter(step -> String.valueOf(step.server()).equals(left.server()))
              .findFirst()
              .orElseThrow(() -> unplanned(left));
      undos.put(next.position(), new CarriedUndo(job.id(), left.position()));
    }
    return new JobDraft(draft.kind(), draft.request(), draft.steps(), draft.servers(), undos);
  }

  private PgsealException unplanned(JobStep left) {
    return new PgsealException(
            ProblemType.ILLEGAL_STATE,
            "Job %s left %s of %s half way, and as the servers stand now its repetition would not do that step"
                .formatted(job.id(), left.kind(), left.server()))
        .with("server", String.valueOf(left.server()))
        .with("step", left.kind())
        .hint(
            "Put the servers into the roles that they had, and retry; or POST /v1/rollouts asks"
                + " anew and takes back to how they are now");
  }
}
