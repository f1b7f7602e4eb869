package dev.pgseal.store;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobEvent;
import dev.pgseal.job.JobProblem;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Rows of {@code job}, {@code job_step} and {@code job_event} as records. */
final class JobRows {

  private static final TypeReference<JobProblem> PROBLEM = new TypeReference<>() {};

  /**
   * All servers of the job have the labels {@code :labels}. A job that touches no server, or whose
   * server is gone, or with a step about no single server, concerns the whole fleet; an approval, a
   * maintenance window and a wave are about the servers of the other steps.
   */
  private static final String TOUCHES_ONLY =
      """
      (cast(:labels as jsonb) = '{}'
        or exists (select from job_server js where js.job_id = job.id)
        and not exists (select from job_server js join server s on s.id = js.server_id
          where js.job_id = job.id and not s.labels @> cast(:labels as jsonb))
        and not exists (select from job_step t where t.job_id = job.id
          and t.kind not in ('APPROVAL', 'WINDOW', 'WAVE')
          and (t.server is null or t.server not in (
            select s.name from job_server js join server s on s.id = js.server_id
            where js.job_id = job.id))))
      """;

  private JobRows() {}

  static boolean touchesOnly(Handle handle, UUID id, Map<String, String> serverLabels) {
    return handle
        .createQuery("select exists (select from job where id = :id and " + TOUCHES_ONLY + ")")
        .bind("id", id)
        .bind("labels", Columns.json(serverLabels))
        .mapTo(Boolean.class)
        .one();
  }

  static Optional<Job> find(Handle handle, UUID id) {
    return handle
        .createQuery("select * from job where id = :id")
        .bind("id", id)
        .map(
            (row, context) ->
                job(row, steps(handle, List.of(id), true).getOrDefault(id, List.of())))
        .findOne();
  }

  static List<Job> list(
      Handle handle,
      @Nullable JobState state,
      @Nullable UUID parent,
      Map<String, String> serverLabels,
      @Nullable UUID before,
      int limit) {
    String page =
        """
        select * from job
        where (cast(:state as text) is null or state = :state)
          and (cast(:parent as uuid) is null or parent = :parent)
          and (cast(:before as uuid) is null or (created_at, id)
            < (select b.created_at, b.id from job b where b.id = :before))
          and %s
        order by created_at desc, id desc limit :limit
        """
            .formatted(TOUCHES_ONLY);
    List<Job> jobs =
        handle
            .createQuery(page)
            .bind("state", state == null ? null : state.name())
            .bind("parent", parent)
            .bind("before", before)
            .bind("labels", Columns.json(serverLabels))
            .bind("limit", limit)
            .map((row, context) -> job(row, List.of()))
            .list();
    Map<UUID, List<JobStep>> steps = steps(handle, jobs.stream().map(Job::id).toList(), false);
    return jobs.stream()
        .map(job -> withSteps(job, steps.getOrDefault(job.id(), List.of())))
        .toList();
  }

  private static Map<UUID, List<JobStep>> steps(
      Handle handle, Collection<UUID> jobs, boolean observed) {
    Map<UUID, List<JobStep>> steps = new HashMap<>();
    handle
        .createQuery(
            """
            select job_id, position, server, kind, description, state, problem, started_at,
              finished_at, case when :observed then observed else '{}' end as observed
            from job_step where job_id = any(:jobs) order by job_id, position
            """)
        .bind("observed", observed)
        .bindArray("jobs", UUID.class, jobs)
        .map((row, context) -> Map.entry(Columns.uuid(row, "job_id"), step(row)))
        .forEach(
            entry ->
                steps
                    .computeIfAbsent(entry.getKey(), id -> new ArrayList<>())
                    .add(entry.getValue()));
    return steps;
  }

  private static JobStep step(ResultSet row) throws SQLException {
    return new JobStep(
        row.getInt("position"),
        row.getString("server"),
        row.getString("kind"),
        row.getString("description"),
        StepState.valueOf(row.getString("state")),
        Columns.json(row, "observed", Columns.OBJECT),
        problem(row),
        Columns.instantOrNull(row, "started_at"),
        Columns.instantOrNull(row, "finished_at"));
  }

  private static Job job(ResultSet row, List<JobStep> steps) throws SQLException {
    return new Job(
        Columns.uuid(row, "id"),
        row.getString("kind"),
        JobState.valueOf(row.getString("state")),
        Columns.json(row, "request", Columns.OBJECT),
        steps,
        problem(row),
        row.getString("requested_by"),
        row.getString("cancelled_by"),
        row.getObject("parent", UUID.class),
        approval(row),
        pause(row),
        Columns.instant(row, "created_at"),
        Columns.instantOrNull(row, "started_at"),
        Columns.instantOrNull(row, "finished_at"));
  }

  private static Job.@Nullable Approval approval(ResultSet row) throws SQLException {
    String by = row.getString("approved_by");
    return by == null ? null : new Job.Approval(by, Columns.instant(row, "approved_at"));
  }

  private static Job.@Nullable Pause pause(ResultSet row) throws SQLException {
    String by = row.getString("paused_by");
    return by == null ? null : new Job.Pause(by, Columns.instant(row, "paused_at"));
  }

  private static Job withSteps(Job job, List<JobStep> steps) {
    return new Job(
        job.id(),
        job.kind(),
        job.state(),
        job.request(),
        steps,
        job.problem(),
        job.requestedBy(),
        job.cancelledBy(),
        job.parent(),
        job.approval(),
        job.paused(),
        job.createdAt(),
        job.startedAt(),
        job.finishedAt());
  }

  static @Nullable JobProblem problem(ResultSet row) throws SQLException {
    String problem = row.getString("problem");
    return problem == null ? null : Columns.parse(problem, PROBLEM);
  }

  static @Nullable String problemJson(@Nullable JobProblem problem) {
    return problem == null ? null : Columns.json(problem);
  }

  static JobEvent event(ResultSet row, StatementContext context) throws SQLException {
    return new JobEvent(
        Columns.uuid(row, "job_id"),
        row.getLong("id"),
        Columns.instant(row, "time"),
        row.getString("type"),
        row.getString("actor"),
        Columns.json(row, "data", Columns.OBJECT));
  }

  /**
   * The caller holds the lock of the job's row, got by raising {@code last_event_id} to this id.
   */
  static void insertEvent(
      Handle handle, UUID job, long id, String type, String actor, Map<String, Object> data) {
    handle
        .createUpdate(
            """
            insert into job_event (job_id, id, type, actor, data)
            values (:job, :id, :type, :actor, cast(:data as jsonb))
            """)
        .bind("job", job)
        .bind("id", id)
        .bind("type", type)
        .bind("actor", actor)
        .bind("data", Columns.json(data))
        .execute();
  }

  static Map<String, Object> stateData(JobState state, @Nullable JobProblem problem) {
    Map<String, Object> data = new LinkedHashMap<>();
    data.put("state", state);
    if (problem != null) {
      data.put("problem", problem);
    }
    return data;
  }
}
