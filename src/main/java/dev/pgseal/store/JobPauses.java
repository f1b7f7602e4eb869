package dev.pgseal.store;

import dev.pgseal.job.Job;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepState;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/**
 * Stops a job between two steps, and lets it go on. A pause is a wish first: {@code paused_at} is
 * set, and the state becomes {@code PAUSED} once no step runs. The caller holds the lock of the
 * job's row.
 */
final class JobPauses {

  /** What is taken back is taken back to its end; and who goes on after a failure, to theirs. */
  private static final Set<StepState> PAST_PAUSING =
      Set.of(StepState.FAILED, StepState.UNDONE, StepState.UNDO_FAILED);

  /** A job that {@code :id} runs, and that is at it. */
  private static final String WORKING =
      """
      select from job c where c.parent = :id and not c.held
        and c.state in ('PENDING', 'RUNNING', 'CANCELLING')
      """;

  private JobPauses() {}

  /** {@code :pause}; nothing new for a job that is paused, or about to be. */
  static void pause(Handle handle, Job job, String actor) {
    requirePausable(job);
    if (job.paused() != null) {
      return;
    }
    handle
        .createUpdate(
            "update job set paused_by = :actor, paused_at = clock_timestamp() where id = :id")
        .bind("actor", actor)
        .bind("id", job.id())
        .execute();
    if (job.state() == JobState.PENDING || isParked(handle, job.id())) {
      becomes(handle, job.id(), JobState.PAUSED, actor);
    } else {
      note(handle, job, actor, "the job pauses once this step is done");
    }
  }

  private static void requirePausable(Job job) {
    if (job.state().ended()) {
      throw conflict(job, "Job %s has already ended: %s".formatted(job.id(), job.state()));
    }
    if (job.state() == JobState.CANCELLING
        || job.steps().stream().anyMatch(JobPauses::pastPausing)) {
      throw conflict(job, "Job " + job.id() + " was cancelled or has failed, and is not paused")
          .hint("What it takes back it takes back to the end: wait for that");
    }
    if (job.state() == JobState.AWAITING_APPROVAL && job.paused() == null) {
      throw conflict(job, "Job " + job.id() + " waits for somebody and does nothing meanwhile")
          .hint("It goes on only with %s; :cancel takes back what it did".formatted(verb(job)));
    }
  }

  /** Steps that are jobs themselves are each taken back by themselves. */
  private static boolean pastPausing(JobStep step) {
    return PAST_PAUSING.contains(step.state()) && !step.kind().equals(JobStep.ROLLOUT);
  }

  /** {@code :resume}; also takes back the wish of a pause that has not begun. */
  static void resume(Handle handle, Job job, String actor) {
    if (job.paused() == null) {
      PgsealException e =
          conflict(job, "Job %s is not paused: %s".formatted(job.id(), job.state()));
      throw job.state() == JobState.AWAITING_APPROVAL
          ? e.hint("It waits for somebody: " + verb(job))
          : e;
    }
    handle.execute("update job set paused_by = null, paused_at = null where id = ?", job.id());
    if (job.state() == JobState.PAUSED) {
      JobState state = job.startedAt() == null ? JobState.PENDING : JobState.RUNNING;
      becomes(handle, job.id(), state, actor);
    } else {
      note(handle, job, actor, "the job does not pause after all");
    }
  }

  /**
   * A pause that somebody asked for begins now, unless the job was taken over or is cancelled.
   *
   * @return whether it does
   */
  static boolean begins(Handle handle, UUID job, long fence) {
    Optional<String> actor =
        handle
            .createQuery(
                """
                select paused_by from job
                where id = :id and fence = :fence and state = 'RUNNING' and paused_at is not null
                  and not exists (%s)
                for no key update
                """
                    .formatted(WORKING))
            .bind("id", job)
            .bind("fence", fence)
            .mapTo(String.class)
            .findOne();
    actor.ifPresent(by -> becomes(handle, job, JobState.PAUSED, by));
    return actor.isPresent();
  }

  private static boolean isParked(Handle handle, UUID job) {
    return handle
        .createQuery(
            """
            select exists (select from job_step where job_id = :id and resume_at is not null)
              and not exists (%s)
            """
                .formatted(WORKING))
        .bind("id", job)
        .mapTo(Boolean.class)
        .one();
  }

  private static void becomes(Handle handle, UUID job, JobState state, String actor) {
    long event =
        handle
            .createQuery(
                """
                update job set state = :state, last_event_id = last_event_id + 1
                where id = :id returning last_event_id
                """)
            .bind("state", state.name())
            .bind("id", job)
            .mapTo(Long.class)
            .one();
    JobRows.insertEvent(handle, job, event, "job", actor, JobRows.stateData(state, null));
    JdbiChildJobs.wakeParent(handle, job);
  }

  /** A remark on the step that runs; there may be none for a moment. */
  private static void note(Handle handle, Job job, String actor, String message) {
    long event =
        handle
            .createQuery(
                """
                update job set last_event_id = last_event_id + 1
                where id = :id returning last_event_id
                """)
            .bind("id", job.id())
            .mapTo(Long.class)
            .one();
    Map<String, Object> data = new LinkedHashMap<>();
    running(job).ifPresent(step -> data.put("position", step.position()));
    data.put("message", message);
    JobRows.insertEvent(handle, job.id(), event, "note", actor, data);
  }

  private static Optional<JobStep> running(Job job) {
    return job.steps().stream().filter(step -> step.state() == StepState.RUNNING).findFirst();
  }

  private static String verb(Job job) {
    return running(job).filter(step -> step.kind().equals(JobStep.APPROVAL)).isPresent()
        ? ":approve"
        : ":continue";
  }

  private static PgsealException conflict(Job job, String detail) {
    return new PgsealException(ProblemType.ILLEGAL_STATE, detail).with("state", job.state());
  }
}
