package dev.pgseal.store;

import dev.pgseal.job.Job;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobProblem;
import dev.pgseal.job.JobState;
import dev.pgseal.job.StepState;
import dev.pgseal.security.Secrets;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jspecify.annotations.Nullable;

/**
 * The checkpoints of one execution. Each is one transaction that begins by raising the job's event
 * counter under the condition that {@code fence} is still the latest: that locks the job's row, so
 * that events have no gaps and nobody is fenced off in the middle.
 */
final class JdbiJobExecution implements JobExecution {

  private final Jdbi jdbi;
  private final Secrets secrets;
  private final UUID jobId;
  private final long fence;

  JdbiJobExecution(Jdbi jdbi, Secrets secrets, UUID jobId, long fence) {
    this.jdbi = jdbi;
    this.secrets = secrets;
    this.jobId = jobId;
    this.fence = fence;
  }

  @Override
  public Job job() {
    return jdbi.withHandle(handle -> JobRows.find(handle, jobId)).orElseThrow(this::fencedOff);
  }

  @Override
  public long fence() {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select fence from job where id = :id and fence = :fence and finished_at is null")
                .bind("id", jobId)
                .bind("fence", fence)
                .mapTo(Long.class)
                .findOne()
                .orElseThrow(this::fencedOff));
  }

  /** Also after an approval and a handing over: whoever went on then says so in the same way. */
  @Override
  public boolean tookOver() {
    return ask(
        """
        exists (select from job_event e
          where e.job_id = job.id and e.type = 'job' and e.data ->> 'resumed' = 'true')
        """);
  }

  @Override
  public boolean cancelRequested() {
    return ask("state = 'CANCELLING'");
  }

  /**
   * @param condition a constant
   */
  private boolean ask(String condition) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select " + condition + " from job where id = :id and fence = :fence")
                .bind("id", jobId)
                .bind("fence", fence)
                .mapTo(Boolean.class)
                .findOne()
                .orElseThrow(this::fencedOff));
  }

  @Override
  public boolean cancelKeeps() {
    return ask("cancel_keeps");
  }

  @Override
  public boolean pauseRequested() {
    return ask("paused_at is not null");
  }

  @Override
  public boolean pauses() {
    return jdbi.inTransaction(handle -> JobPauses.begins(handle, jobId, fence));
  }

  @Override
  public void stepRunning(int position) {
    jdbi.useTransaction(
        handle -> {
          requireFence(handle);
          int begun =
              handle
                  .createUpdate(
                      """
                      update job_step set state = 'RUNNING', problem = null, finished_at = null,
                        started_at = coalesce(started_at, clock_timestamp())
                      where job_id = :job and position = :position and state <> 'RUNNING'
                      """)
                  .bind("job", jobId)
                  .bind("position", position)
                  .execute();
          if (begun > 0) {
            insertStepEvent(handle, nextEvent(handle), position, Map.of());
          }
        });
  }

  @Override
  public void runAgain(int position, Map<String, Object> observed, Duration wait) {
    jdbi.useTransaction(
        handle -> {
          requireFence(handle);
          JobParking.park(handle, jobId, position, observed, wait);
          JobPauses.begins(handle, jobId, fence);
          JdbiChildJobs.wakeParent(handle, jobId);
        });
  }

  @Override
  public void recordUndo(int position, String undo) {
    byte[] sealed = secrets.seal(undo.getBytes(StandardCharsets.UTF_8), undoContext(position));
    jdbi.useTransaction(
        handle -> {
          requireFence(handle);
          handle.execute(
              "update job_step set undo = coalesce(undo, ?) where job_id = ? and position = ?",
              sealed,
              jobId,
              position);
        });
  }

  @Override
  public Optional<String> undo(int position) {
    return jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        """
                        select undo from job_step
                        where job_id = :job and position = :position and undo is not null
                        """)
                    .bind("job", jobId)
                    .bind("position", position)
                    .mapTo(byte[].class)
                    .findOne())
        .map(bytes -> secrets.open(bytes, undoContext(position)))
        .map(undo -> new String(undo, StandardCharsets.UTF_8));
  }

  @Override
  public void stepEnded(
      int position, StepState state, Map<String, Object> observed, @Nullable JobProblem problem) {
    boolean undone = state == StepState.UNDONE || state == StepState.UNDO_FAILED;
    jdbi.useTransaction(
        handle -> {
          long event = nextEvent(handle);
          handle
              .createUpdate(
                  """
                  update job_step set state = :state, finished_at = clock_timestamp(),
                    problem = coalesce(cast(:problem as jsonb), problem),
                    observed = case when :undone then observed else '{}' end
                      || cast(:observed as jsonb)
                  where job_id = :job and position = :position
                  """)
              .bind("state", state.name())
              .bind("problem", JobRows.problemJson(problem))
              .bind("undone", undone)
              .bind("observed", Columns.json(observed))
              .bind("job", jobId)
              .bind("position", position)
              .execute();
          Map<String, Object> data = new LinkedHashMap<>();
          data.put("observed", observed);
          if (problem != null) {
            data.put("problem", problem);
          }
          insertStepEvent(handle, event, position, data);
        });
  }

  @Override
  public void note(int position, String message, Map<String, Object> data) {
    jdbi.useTransaction(
        handle -> {
          Map<String, Object> all = new LinkedHashMap<>();
          all.put("position", position);
          all.put("message", message);
          all.putAll(data);
          JobRows.insertEvent(handle, jobId, nextEvent(handle), "note", JdbiJobStore.ITSELF, all);
        });
  }

  @Override
  public void awaitApproval(int position, Map<String, Object> observed) {
    jdbi.useTransaction(
        handle -> {
          long event = nextEvent(handle);
          handle
              .createUpdate(
                  """
                  update job_step set observed = cast(:observed as jsonb)
                  where job_id = :job and position = :position
                  """)
              .bind("observed", Columns.json(observed))
              .bind("job", jobId)
              .bind("position", position)
              .execute();
          boolean waits =
              handle
                      .createUpdate(
                          "update job set state = :waiting where id = :id and state = 'RUNNING'")
                      .bind("waiting", JobState.AWAITING_APPROVAL.name())
                      .bind("id", jobId)
                      .execute()
                  == 1;
          // somebody cancelled just now: the next execution sees that
          JobState state = waits ? JobState.AWAITING_APPROVAL : JobState.CANCELLING;
          Map<String, Object> data = JobRows.stateData(state, null);
          data.put("position", position);
          data.put("observed", observed);
          JobRows.insertEvent(handle, jobId, event, "job", JdbiJobStore.ITSELF, data);
          JdbiChildJobs.wakeParent(handle, jobId);
        });
  }

  @Override
  public void desireMode(String mode) {
    jdbi.useTransaction(
        handle -> {
          requireFence(handle);
          JdbiChildJobs.servers(handle, jobId)
              .forEach(server -> JdbiServerStore.setDesiredMode(handle, server, mode));
        });
  }

  @Override
  public void end(JobState state, @Nullable JobProblem problem) {
    if (!state.ended()) {
      throw new IllegalArgumentException("A job cannot end in state " + state);
    }
    jdbi.useTransaction(
        handle -> {
          long event = nextEvent(handle);
          handle
              .createUpdate(
                  """
                  update job set state = :state, problem = cast(:problem as jsonb),
                    paused_by = null, paused_at = null, finished_at = clock_timestamp()
                  where id = :id
                  """)
              .bind("state", state.name())
              .bind("problem", JobRows.problemJson(problem))
              .bind("id", jobId)
              .execute();
          JdbiJobStore.release(handle, jobId);
          JdbiChildJobs.cancelHeld(handle, jobId, JdbiJobStore.ITSELF);
          JobRows.insertEvent(
              handle, jobId, event, "job", JdbiJobStore.ITSELF, JobRows.stateData(state, problem));
          JdbiChildJobs.wakeParent(handle, jobId);
        });
  }

  private long nextEvent(Handle handle) {
    return handle
        .createQuery(
            """
            update job set last_event_id = last_event_id + 1
            where id = :id and fence = :fence and finished_at is null
            returning last_event_id
            """)
        .bind("id", jobId)
        .bind("fence", fence)
        .mapTo(Long.class)
        .findOne()
        .orElseThrow(this::fencedOff);
  }

  private void requireFence(Handle handle) {
    requireFence(handle, jobId, fence);
  }

  /**
   * Locks the job's row.
   *
   * @throws FencedOffException when a later execution has the job, or it has ended
   */
  static void requireFence(Handle handle, UUID job, long fence) {
    handle
        .createQuery(
            """
            select fence from job where id = :id and fence = :fence and finished_at is null
            for no key update
            """)
        .bind("id", job)
        .bind("fence", fence)
        .mapTo(Long.class)
        .findOne()
        .orElseThrow(() -> fencedOff(job));
  }

  private void insertStepEvent(Handle handle, long event, int position, Map<String, Object> more) {
    Map<String, Object> data =
        handle
            .createQuery(
                """
                select server, kind, description, state from job_step
                where job_id = :job and position = :position
                """)
            .bind("job", jobId)
            .bind("position", position)
            .map(
                (row, context) -> {
                  Map<String, Object> step = new LinkedHashMap<>();
                  step.put("position", position);
                  step.put("server", row.getString("server"));
                  step.put("kind", row.getString("kind"));
                  step.put("description", row.getString("description"));
                  step.put("state", row.getString("state"));
                  return step;
                })
            .findOne()
            .orElseThrow(
                () -> new IllegalArgumentException("Job " + jobId + " has no step " + position));
    data.putAll(more);
    JobRows.insertEvent(handle, jobId, event, "step", JdbiJobStore.ITSELF, data);
  }

  private String undoContext(int position) {
    return "job/" + jobId + "/step/" + position + "/undo";
  }

  private FencedOffException fencedOff() {
    return fencedOff(jobId);
  }

  private static FencedOffException fencedOff(UUID job) {
    return new FencedOffException(
        "Job " + job + " was taken over by another execution, or has ended");
  }
}
