package dev.pgseal.store;

import dev.pgseal.job.Job;
import dev.pgseal.job.JobDraft;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.JobTraces;
import dev.pgseal.job.Requester;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** Accepts jobs: alone, or one that runs others together with those. */
final class JobInsertion {

  private final Handle handle;
  private final Requester requestedBy;

  private JobInsertion(Handle handle, Requester requestedBy) {
    this.handle = handle;
    this.requestedBy = requestedBy;
  }

  /**
   * @param children by the position of the parent's step that each is; they are held. Where there
   *     are any, no server is reserved: each child does that when it is started
   */
  static Job insert(
      Handle handle, JobDraft draft, SortedMap<Integer, JobDraft> children, Requester requestedBy) {
    JobInsertion insertion = new JobInsertion(handle, requestedBy);
    UUID id = UUID.randomUUID();
    insertion.insertJob(id, draft, null, 0);
    if (children.isEmpty()) {
      inOrder(draft).forEach(server -> reserve(handle, id, server));
    } else {
      inOrder(draft).forEach(server -> insertion.name(id, server));
    }
    handToScheduler(handle, draft.kind(), id);
    children.forEach(
        (position, child) -> {
          UUID childId = UUID.randomUUID();
          insertion.insertJob(childId, child, id, position);
          inOrder(child).forEach(server -> insertion.name(childId, server));
          insertion.link(id, position, childId);
        });
    return JobRows.find(handle, id).orElseThrow();
  }

  /** Always the same: two jobs over the same servers must not deadlock. */
  private static List<UUID> inOrder(JobDraft draft) {
    return draft.servers().stream().distinct().sorted().toList();
  }

  private void insertJob(UUID id, JobDraft draft, @Nullable UUID parent, int position) {
    handle
        .createUpdate(
            """
            insert into job
              (id, kind, state, request, requested_by, requester_made_by, last_event_id,
                trace_parent, parent, parent_position, held)
            values (:id, :kind, :state, cast(:request as jsonb), :requestedBy,
              cast(:madeBy as jsonb), 1, :trace, :parent, :position, :held)
            """)
        .bind("id", id)
        .bind("kind", draft.kind())
        .bind("state", JobState.PENDING.name())
        .bind("request", Columns.json(draft.request()))
        .bind("requestedBy", requestedBy.name())
        .bind("madeBy", Columns.json(requestedBy.madeBy()))
        .bind("trace", JobTraces.currentParent())
        .bind("parent", parent)
        .bind("position", parent == null ? null : Integer.valueOf(position))
        .bind("held", parent != null)
        .execute();
    insertSteps(id, draft.steps());
    JobRows.insertEvent(
        handle, id, 1, "job", requestedBy.name(), JobRows.stateData(JobState.PENDING, null));
  }

  private void insertSteps(UUID job, List<JobStep> steps) {
    if (steps.isEmpty()) {
      return;
    }
    PreparedBatch batch =
        handle.prepareBatch(
            """
            insert into job_step (job_id, position, server, kind, description, state, observed)
            values (:job, :position, :server, :kind, :description, :state, cast(:observed as jsonb))
            """);
    for (JobStep step : steps) {
      batch
          .bind("job", job)
          .bind("position", step.position())
          .bind("server", step.server())
          .bind("kind", step.kind())
          .bind("description", step.description())
          .bind("state", step.state().name())
          .bind("observed", Columns.json(step.observed()))
          .add();
    }
    batch.execute();
  }

  /** Whoever looks at the parent's step finds the job that it is. */
  private void link(UUID parent, int position, UUID child) {
    handle
        .createUpdate(
            """
            update job_step set observed = observed || cast(:job as jsonb)
            where job_id = :parent and position = :position
            """)
        .bind("job", Columns.json(Map.of("job", child)))
        .bind("parent", parent)
        .bind("position", position)
        .execute();
  }

  /** Which server it is about, without keeping others from it. */
  private void name(UUID job, UUID server) {
    handle.execute(
        "insert into job_server (job_id, server_id, unfinished) values (?, ?, false)", job, server);
  }

  /**
   * The server is this job's until it ends.
   *
   * @throws dev.pgseal.problem.PgsealException {@code OPERATION_IN_PROGRESS} naming the holder
   */
  static void reserve(Handle handle, UUID job, UUID server) {
    String name = Conflicts.lockServer(handle, server);
    Conflicts.unfinishedJob(handle, server)
        .or(() -> Conflicts.lockHolder(handle, server))
        .ifPresent(
            holder -> {
              throw holder.conflict(name);
            });
    handle.execute(
        """
        insert into job_server (job_id, server_id) values (?, ?)
        on conflict (job_id, server_id) do update set unfinished = true
        """,
        job,
        server);
  }

  /**
   * What db-scheduler's {@code JdbcTaskRepository.createIfNotExists} inserts. Its client takes its
   * own connection from the pool; the row has to be in the transaction of the job.
   */
  static void handToScheduler(Handle handle, String kind, UUID job) {
    handle
        .createUpdate(
            """
            insert into scheduled_tasks (task_name, task_instance, execution_time, picked, version)
            values (:kind, :job, now(), false, 1)
            """)
        .bind("kind", kind)
        .bind("job", job.toString())
        .execute();
  }
}
