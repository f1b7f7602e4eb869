package dev.pgseal.store;

import dev.pgseal.job.Job;
import dev.pgseal.job.JobDraft;
import dev.pgseal.job.JobEvent;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobFigures;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStore;
import dev.pgseal.job.Requester;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Secrets;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import java.util.function.BiConsumer;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
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
      @Nullable UUID parent,
      Map<String, String> serverLabels,
      @Nullable UUID beforeId,
      int limit) {
    return jdbi.withHandle(
        handle -> JobRows.list(handle, state, parent, serverLabels, beforeId, limit));
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
  public Job insert(JobDraft draft, Requester requestedBy) {
    return insert(draft, Collections.emptySortedMap(), requestedBy);
  }

  @Override
  public Job insert(JobDraft parent, SortedMap<Integer, JobDraft> children, Requester requestedBy) {
    return jdbi.inTransaction(handle -> JobInsertion.insert(handle, parent, children, requestedBy));
  }

  @Override
  public boolean followed(UUID jobId) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select exists (select from job j
                      join job_server js on js.job_id = j.id
                      join server s on s.id = js.server_id
                      where j.id = :job and s.operated_at > j.finished_at)
                    """)
                .bind("job", jobId)
                .mapTo(Boolean.class)
                .one());
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
  public Job requestCancel(UUID jobId, String actor, boolean undo) {
    return changed(jobId, (handle, job) -> requestCancel(handle, job, actor, undo));
  }

  private static void requestCancel(Handle handle, Job job, String actor, boolean undo) {
    if (job.state().ended()) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE, "Job " + job.id() + " has already ended: " + job.state())
          .with("state", job.state());
    }
    if (job.state() != JobState.CANCELLING) {
      cancel(handle, job, actor, undo);
    } else if (job.cancelKeeps() == undo) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE,
              "Job %s is being cancelled with undo=%s".formatted(job.id(), !undo))
          .with("state", job.state())
          .hint("Wait for its end; POST /v1/rollouts then takes the servers further");
    }
  }

  private static void cancel(Handle handle, Job job, String actor, boolean undo) {
    boolean atOnce =
        job.state() == JobState.PENDING
            || job.state() == JobState.PAUSED && job.startedAt() == null;
    JobState state = atOnce ? JobState.CANCELLED : JobState.CANCELLING;
    long event =
        handle
            .createQuery(
                """
                update job set state = :state, cancelled_by = :actor, held = false,
                  cancel_keeps = not :undo,
                  paused_by = null, paused_at = null,
                  last_event_id = last_event_id + 1,
                  finished_at = case when :ended then clock_timestamp() end
                where id = :id returning last_event_id
                """)
            .bind("state", state.name())
            .bind("actor", actor)
            .bind("undo", undo)
            .bind("ended", atOnce)
            .bind("id", job.id())
            .mapTo(Long.class)
            .one();
    Map<String, Object> data = JobRows.stateData(state, null);
    if (!undo) {
      data.put("undo", false);
    }
    JobRows.insertEvent(handle, job.id(), event, "job", actor, data);
    if (atOnce) {
      release(handle, job.id());
      JdbiChildJobs.cancelHeld(handle, job.id(), actor);
      JdbiChildJobs.wakeParent(handle, job.id());
    }
  }

  @Override
  public Optional<Duration> waits(UUID jobId) {
    return jdbi.withHandle(handle -> JobParking.waits(handle, jobId));
  }

  @Override
  public Job pause(UUID jobId, String actor) {
    return changed(jobId, (handle, job) -> JobPauses.pause(handle, job, actor));
  }

  @Override
  public Job resume(UUID jobId, String actor) {
    return changed(jobId, (handle, job) -> JobPauses.resume(handle, job, actor));
  }

  @Override
  public Job proceed(UUID jobId, String actor) {
    return changed(jobId, (handle, job) -> JobApprovals.proceed(handle, job, actor));
  }

  @Override
  public Job approve(UUID jobId, Requester actor) {
    return changed(jobId, (handle, job) -> JobApprovals.approve(handle, job, actor));
  }

  /** What {@code change} makes of it, the row being locked meanwhile. */
  private Job changed(UUID jobId, BiConsumer<Handle, Job> change) {
    return jdbi.inTransaction(
        handle -> {
          change.accept(handle, require(handle, jobId));
          return JobRows.find(handle, jobId).orElseThrow();
        });
  }

  /** Locked. */
  private static Job require(Handle handle, UUID jobId) {
    return lock(handle, jobId)
        .orElseThrow(() -> new PgsealException(ProblemType.NOT_FOUND, "There is no job " + jobId));
  }

  /** The servers of the job are free for others, also those that a killed replica held for it. */
  static void release(Handle handle, UUID job) {
    handle.execute("update job_server set unfinished = false where job_id = ?", job);
    handle.execute("delete from server_lock where owner = ?", "job/" + job);
  }

  @Override
  public JobExecution execution(UUID jobId, long fence) {
    return new JdbiJobExecution(jdbi, secrets, jobId, fence);
  }
}
