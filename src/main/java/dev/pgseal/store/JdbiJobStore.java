package dev.pgseal.store;

import dev.pgseal.job.Job;
import dev.pgseal.job.JobEvent;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobFigures;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.JobStore;
import dev.pgseal.job.JobTraces;
import dev.pgseal.job.Requester;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Secrets;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jspecify.annotations.Nullable;

/** Jobs in the control database. */
@ApplicationScoped
class JdbiJobStore implements JobStore {

  /** Who acts when a job goes on by itself. */
  static final String ITSELF = "pgseal";

  private final Jdbi jdbi;
  private final Secrets secrets;

  JdbiJobStore(Jdbi jdbi, Secrets secrets) {
    this.jdbi = jdbi;
    this.secrets = secrets;
  }

  @Override
  public Optional<Job> find(UUID id) {
    return jdbi.withHandle(handle -> JobRows.find(handle, id));
  }

  @Override
  public Optional<Job> find(UUID id, Map<String, String> serverLabels) {
    return jdbi.withHandle(
        handle ->
            JobRows.touchesOnly(handle, id, serverLabels)
                ? JobRows.find(handle, id)
                : Optional.empty());
  }

  @Override
  public List<Job> list(
      @Nullable JobState state,
      Map<String, String> serverLabels,
      @Nullable UUID beforeId,
      int limit) {
    return jdbi.withHandle(handle -> JobRows.list(handle, state, serverLabels, beforeId, limit));
  }

  @Override
  public Map<UUID, Long> lastEventIds(Collection<UUID> jobIds) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select id, last_event_id from job where id = any(:ids)")
                .bindArray("ids", UUID.class, jobIds)
                .map((row, context) -> Map.entry(Columns.uuid(row, "id"), row.getLong(2)))
                .stream()
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)));
  }

  @Override
  public List<JobEvent> events(UUID jobId, long afterEventId, int limit) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select * from job_event where job_id = :job and id > :after
                    order by id limit :limit
                    """)
                .bind("job", jobId)
                .bind("after", afterEventId)
                .bind("limit", limit)
                .map(JobRows::event)
                .list());
  }

  @Override
  public Job insert(
      String kind,
      Map<String, Object> request,
      List<JobStep> steps,
      List<UUID> servers,
      Requester requestedBy) {
    UUID id = UUID.randomUUID();
    return jdbi.inTransaction(
        handle -> {
          handle
              .createUpdate(
                  """
                  insert into job
                    (id, kind, state, request, requested_by, requester_made_by, last_event_id,
                      trace_parent)
                  values (:id, :kind, :state, cast(:request as jsonb), :requestedBy,
                    cast(:madeBy as jsonb), 1, :trace)
                  """)
              .bind("id", id)
              .bind("kind", kind)
              .bind("state", JobState.PENDING.name())
              .bind("request", Columns.json(request))
              .bind("requestedBy", requestedBy.name())
              .bind("madeBy", Columns.json(requestedBy.madeBy()))
              .bind("trace", JobTraces.currentParent())
              .execute();
          // always in the same order: two jobs over the same servers must not deadlock
          servers.stream().distinct().sorted().forEach(server -> reserve(handle, id, server));
          insertSteps(handle, id, steps);
          JobRows.insertEvent(
              handle, id, 1, "job", requestedBy.name(), JobRows.stateData(JobState.PENDING, null));
          handToScheduler(handle, kind, id);
          return JobRows.find(handle, id).orElseThrow();
        });
  }

  private static void reserve(Handle handle, UUID job, UUID server) {
    String name = Conflicts.lockServer(handle, server);
    int reserved =
        handle
            .createUpdate(
                """
                insert into job_server (job_id, server_id) values (:job, :server)
                on conflict (server_id) where unfinished do nothing
                """)
            .bind("job", job)
            .bind("server", server)
            .execute();
    if (reserved == 0) {
      throw Conflicts.unfinishedJob(handle, server)
          .orElse(new Conflicts.Holder("another job", "just ended"))
          .conflict(name);
    }
    Conflicts.lockHolder(handle, server)
        .ifPresent(
            holder -> {
              throw holder.conflict(name);
            });
  }

  private static void insertSteps(Handle handle, UUID job, List<JobStep> steps) {
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

  /**
   * What db-scheduler's {@code JdbcTaskRepository.createIfNotExists} inserts. Its client takes its
   * own connection from the pool; the row has to be in the transaction of the job.
   */
  private static void handToScheduler(Handle handle, String kind, UUID job) {
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

  @Override
  public Optional<String> traceParent(UUID jobId) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select trace_parent from job where id = :id")
                .bind("id", jobId)
                .mapTo(String.class)
                .findOne());
  }

  @Override
  public JobFigures figures() {
    return jdbi.withHandle(JobFiguresQuery::run);
  }

  @Override
  public Optional<Long> claim(UUID jobId) {
    return jdbi.inTransaction(
        handle -> {
          Optional<Job> before = lock(handle, jobId);
          if (before.isEmpty()
              || before.get().state().ended()
              || before.get().state() == JobState.PAUSED) {
            return Optional.empty();
          }
          JobState state =
              before.get().state() == JobState.CANCELLING ? JobState.CANCELLING : JobState.RUNNING;
          // a job that goes on at its time has no news to tell
          boolean told = !JobParking.unpark(handle, jobId) || state != before.get().state();
          Claimed claimed =
              handle
                  .createQuery(
                      """
                      update job set fence = fence + 1, last_event_id = last_event_id + :told,
                        state = :state, started_at = coalesce(started_at, clock_timestamp())
                      where id = :id returning fence, last_event_id
                      """)
                  .bind("told", told ? 1 : 0)
                  .bind("state", state.name())
                  .bind("id", jobId)
                  .map((row, context) -> new Claimed(row.getLong(1), row.getLong(2)))
                  .one();
          if (told) {
            Map<String, Object> data = JobRows.stateData(state, null);
            if (before.get().startedAt() != null) {
              data.put("resumed", true);
            }
            JobRows.insertEvent(handle, jobId, claimed.event, "job", ITSELF, data);
          }
          return Optional.of(claimed.fence);
        });
  }

  private record Claimed(long fence, long event) {}

  private static Optional<Job> lock(Handle handle, UUID jobId) {
    handle.execute("select from job where id = ? for no key update", jobId);
    return JobRows.find(handle, jobId);
  }

  @Override
  public Job requestCancel(UUID jobId, String actor) {
    return jdbi.inTransaction(
        handle -> {
          Job job = require(handle, jobId);
          if (job.state().ended()) {
            throw new PgsealException(
                    ProblemType.ILLEGAL_STATE,
                    "Job " + jobId + " has already ended: " + job.state())
                .with("state", job.state());
          }
          if (job.state() != JobState.CANCELLING) {
            cancel(handle, job, actor);
          }
          return JobRows.find(handle, jobId).orElseThrow();
        });
  }

  private static void cancel(Handle handle, Job job, String actor) {
    boolean atOnce =
        job.state() == JobState.PENDING
            || job.state() == JobState.PAUSED && job.startedAt() == null;
    JobState state = atOnce ? JobState.CANCELLED : JobState.CANCELLING;
    long event =
        handle
            .createQuery(
                """
                update job set state = :state, cancelled_by = :actor,
                  paused_by = null, paused_at = null,
                  last_event_id = last_event_id + 1,
                  finished_at = case when :ended then clock_timestamp() end
                where id = :id returning last_event_id
                """)
            .bind("state", state.name())
            .bind("actor", actor)
            .bind("ended", atOnce)
            .bind("id", job.id())
            .mapTo(Long.class)
            .one();
    JobRows.insertEvent(handle, job.id(), event, "job", actor, JobRows.stateData(state, null));
    if (atOnce) {
      release(handle, job.id());
    }
  }

  @Override
  public Optional<Duration> waits(UUID jobId) {
    return jdbi.withHandle(handle -> JobParking.waits(handle, jobId));
  }

  @Override
  public Job pause(UUID jobId, String actor) {
    return jdbi.inTransaction(
        handle -> {
          JobPauses.pause(handle, require(handle, jobId), actor);
          return JobRows.find(handle, jobId).orElseThrow();
        });
  }

  @Override
  public Job resume(UUID jobId, String actor) {
    return jdbi.inTransaction(
        handle -> {
          JobPauses.resume(handle, require(handle, jobId), actor);
          return JobRows.find(handle, jobId).orElseThrow();
        });
  }

  @Override
  public Job proceed(UUID jobId, String actor) {
    return jdbi.inTransaction(
        handle -> {
          JobApprovals.proceed(handle, require(handle, jobId), actor);
          return JobRows.find(handle, jobId).orElseThrow();
        });
  }

  @Override
  public Job approve(UUID jobId, Requester actor) {
    return jdbi.inTransaction(
        handle -> {
          JobApprovals.approve(handle, require(handle, jobId), actor);
          return JobRows.find(handle, jobId).orElseThrow();
        });
  }

  /** Locked. */
  private static Job require(Handle handle, UUID jobId) {
    return lock(handle, jobId)
        .orElseThrow(() -> new PgsealException(ProblemType.NOT_FOUND, "There is no job " + jobId));
  }

  /** The servers of the job are free for others. */
  static void release(Handle handle, UUID job) {
    handle.execute("update job_server set unfinished = false where job_id = ?", job);
  }

  @Override
  public JobExecution execution(UUID jobId, long fence) {
    return new JdbiJobExecution(jdbi, secrets, jobId, fence);
  }
}
