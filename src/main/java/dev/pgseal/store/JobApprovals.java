package dev.pgseal.store;

import dev.pgseal.job.Job;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.Requester;
import dev.pgseal.job.StepState;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/**
 * Lets a job that waits go on. The caller holds the lock of the job's row, so that two who come at
 * once are one after the other.
 */
final class JobApprovals {

  /** Key in {@code observed}: how long the step waited for a person. */
  private static final String WAITED = "waitedSeconds";

  private JobApprovals() {}

  /** {@code :continue}: anybody's word will do. */
  static void proceed(Handle handle, Job job, String actor) {
    JobStep step = waiting(job);
    if (step.kind().equals(JobStep.APPROVAL)) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE, "Job " + job.id() + " waits for an approval")
          .with("state", job.state())
          .hint("Somebody other than " + job.requestedBy() + " approves it: :approve");
    }
    Map<String, Object> observed = new LinkedHashMap<>();
    observed.put(JobExecution.APPROVED_BY, actor);
    observed.put(WAITED, waited(handle, job, step));
    goOn(handle, job, step, actor, observed, Map.of());
  }

  /** {@code :approve}: not by the same hands that asked for it. */
  static void approve(Handle handle, Job job, Requester actor) {
    JobStep step = waiting(job);
    if (!step.kind().equals(JobStep.APPROVAL)) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE, "Job " + job.id() + " waits for no approval")
          .with("state", job.state())
          .hint("It goes on with :continue");
    }
    actor
        .sameHandsAs(requester(handle, job))
        .ifPresent(
            reason -> {
              throw new PgsealException(ProblemType.SELF_APPROVAL, reason)
                  .with("requestedBy", job.requestedBy())
                  .hint("Somebody else with the role APPROVER has to look at it");
            });
    handle
        .createUpdate(
            "update job set approved_by = :actor, approved_at = clock_timestamp() where id = :id")
        .bind("actor", actor.name())
        .bind("id", job.id())
        .execute();
    Map<String, Object> observed = new LinkedHashMap<>();
    observed.put(JobExecution.APPROVED_BY, actor.name());
    observed.put(WAITED, waited(handle, job, step));
    goOn(handle, job, step, actor.name(), observed, Map.of(JobExecution.APPROVED_BY, actor.name()));
  }

  /** All the time in which the step waited for a person. */
  private static long waited(Handle handle, Job job, JobStep step) {
    long before = step.observed().get(WAITED) instanceof Number number ? number.longValue() : 0;
    return before
        + handle
            .createQuery(
                """
                select extract(epoch from clock_timestamp() - max(time)) from job_event
                where job_id = :job and type = 'job' and data ->> 'state' = :waiting
                """)
            .bind("job", job.id())
            .bind("waiting", JobState.AWAITING_APPROVAL.name())
            .mapTo(Double.class)
            .findOne()
            .orElse(0.0)
            .longValue();
  }

  private static JobStep waiting(Job job) {
    if (job.state() == JobState.AWAITING_APPROVAL) {
      List<JobStep> running =
          job.steps().stream().filter(step -> step.state() == StepState.RUNNING).toList();
      if (!running.isEmpty()) {
        // the step that waits is the one that began last: before it there may be other jobs
        return running.get(running.size() - 1);
      }
    }
    throw new PgsealException(
            ProblemType.ILLEGAL_STATE,
            "Job " + job.id() + " does not wait for anybody: " + job.state())
        .with("state", job.state());
  }

  private static Requester requester(Handle handle, Job job) {
    return handle
        .createQuery("select requested_by, requester_made_by from job where id = :id")
        .bind("id", job.id())
        .map(
            (row, context) ->
                new Requester(
                    row.getString("requested_by"),
                    Columns.json(row, "requester_made_by", Columns.STRINGS)))
        .one();
  }

  /** Unless somebody asked for a pause meanwhile. */
  private static void goOn(
      Handle handle,
      Job job,
      JobStep waiting,
      String actor,
      Map<String, Object> observed,
      Map<String, Object> told) {
    handle
        .createUpdate(
            """
            update job_step set observed = observed || cast(:observed as jsonb)
            where job_id = :job and position = :position
            """)
        .bind("observed", Columns.json(observed))
        .bind("job", job.id())
        .bind("position", waiting.position())
        .execute();
    JobState state = job.paused() == null ? JobState.RUNNING : JobState.PAUSED;
    long event =
        handle
            .createQuery(
                """
                update job set state = :state, last_event_id = last_event_id + 1
                where id = :id returning last_event_id
                """)
            .bind("state", state.name())
            .bind("id", job.id())
            .mapTo(Long.class)
            .one();
    Map<String, Object> data = JobRows.stateData(state, null);
    data.putAll(told);
    JobRows.insertEvent(handle, job.id(), event, "job", actor, data);
  }
}
