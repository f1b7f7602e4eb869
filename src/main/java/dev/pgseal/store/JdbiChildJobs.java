package dev.pgseal.store;

import dev.pgseal.job.ChildJob;
import dev.pgseal.job.ChildJobs;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobProblem;
import dev.pgseal.job.JobState;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/** Jobs that a job runs, in the control database. */
@ApplicationScoped
class JdbiChildJobs implements ChildJobs {

  private final Jdbi jdbi;

  JdbiChildJobs(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  @Override
  public List<ChildJob> of(UUID parent) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select id, parent_position, state, held, blocked_since, cancel_keeps, problem,
                      exists (select from job_step where job_id = job.id
                        and resume_at > clock_timestamp()) as parked,
                      exists (select from job_step where job_id = job.id
                        and state = 'UNDO_FAILED') as stuck
                    from job
                    where parent = :parent order by parent_position
                    """)
                .bind("parent", parent)
                .map(
                    (row, context) ->
                        new ChildJob(
                            Columns.uuid(row, "id"),
                            row.getInt("parent_position"),
                            JobState.valueOf(row.getString("state")),
                            row.getBoolean("held"),
                            row.getBoolean("parked"),
                            Columns.instantOrNull(row, "blocked_since"),
                            row.getBoolean("cancel_keeps"),
                            row.getBoolean("stuck"),
                            JobRows.problem(row)))
                .list());
  }

  @Override
  public Optional<PgsealException> start(UUID parent, long fence, UUID child, String desiredMode) {
    try {
      jdbi.useTransaction(handle -> start(handle, parent, fence, child, desiredMode));
      return Optional.empty();
    } catch (PgsealException e) {
      // deleted just now: at the next look it is no server of the job any more
      if (e.type() != ProblemType.OPERATION_IN_PROGRESS && e.type() != ProblemType.NOT_FOUND) {
        throw e;
      }
      jdbi.useHandle(
          handle ->
              handle.execute(
                  """
                  update job set blocked_seen = clock_timestamp(),
                    blocked_since = case
                      when blocked_seen > clock_timestamp() - interval '30 s' then blocked_since
                      else clock_timestamp() end
                  where id = ? and held
                  """,
                  child));
      return Optional.of(e);
    }
  }

  private static void start(
      Handle handle, UUID parent, long fence, UUID child, String desiredMode) {
    JdbiJobExecution.requireFence(handle, parent, fence);
    if (!release(handle, child)) {
      return;
    }
    Job job = JobRows.find(handle, child).orElseThrow();
    for (UUID server : servers(handle, child)) {
      JobInsertion.reserve(handle, child, server);
      JdbiServerStore.setDesiredMode(handle, server, desiredMode);
    }
    JobInsertion.handToScheduler(handle, job.kind(), child);
  }

  @Override
  public void end(UUID parent, long fence, UUID child, JobState state, JobProblem problem) {
    jdbi.useTransaction(
        handle -> {
          JdbiJobExecution.requireFence(handle, parent, fence);
          if (release(handle, child)) {
            endHeld(handle, child, state, JdbiJobStore.ITSELF, problem);
          }
        });
  }

  /** Those of a job that is over before it began. */
  static void cancelHeld(Handle handle, UUID parent, String actor) {
    handle
        .createQuery("select id from job where parent = :parent and held order by parent_position")
        .bind("parent", parent)
        .mapTo(UUID.class)
        .list()
        .forEach(
            child -> {
              if (release(handle, child)) {
                endHeld(handle, child, JobState.CANCELLED, actor, null);
              }
            });
  }

  /**
   * A child has ended or begins to wait: its parent is due now, not at the next look.
   *
   * <p>Where the parent is being run just now it is looked at again in any case, a little later.
   */
  static void wakeParent(Handle handle, UUID child) {
    handle
        .createQuery("select parent from job where id = :id and parent is not null")
        .bind("id", child)
        .mapTo(UUID.class)
        .findOne()
        .ifPresent(
            parent -> {
              handle.execute(
                  """
                  update job_step set resume_at = clock_timestamp()
                  where job_id = ? and resume_at > clock_timestamp()
                  """,
                  parent);
              handle.execute(
                  """
                  update scheduled_tasks set execution_time = now()
                  where task_instance = ? and not picked and execution_time > now()
                  """,
                  parent.toString());
            });
  }

  /** Whether it was held. */
  private static boolean release(Handle handle, UUID child) {
    return handle.execute("update job set held = false where id = ? and held", child) == 1;
  }

  private static void endHeld(
      Handle handle, UUID child, JobState state, String actor, @Nullable JobProblem problem) {
    long event =
        handle
            .createQuery(
                """
                update job set state = :state, problem = cast(:problem as jsonb),
                  cancelled_by = case when :state = 'CANCELLED' then :actor end,
                  paused_by = null, paused_at = null,
                  last_event_id = last_event_id + 1, finished_at = clock_timestamp()
                where id = :id returning last_event_id
                """)
            .bind("state", state.name())
            .bind("problem", JobRows.problemJson(problem))
            .bind("actor", actor)
            .bind("id", child)
            .mapTo(Long.class)
            .one();
    JobRows.insertEvent(handle, child, event, "job", actor, JobRows.stateData(state, problem));
  }

  /** Those that the job is about, in the order in which every job locks them. */
  static List<UUID> servers(Handle handle, UUID job) {
    return handle
        .createQuery("select server_id from job_server where job_id = :job")
        .bind("job", job)
        .mapTo(UUID.class)
        .stream()
        .sorted() // as JobInsertion: PostgreSQL has another order of UUIDs than Java
        .toList();
  }
}
