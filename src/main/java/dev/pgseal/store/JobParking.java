package dev.pgseal.store;

import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStore;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Jobs that wait: for somebody, or until a time by the clock of the control database. */
final class JobParking {

  private JobParking() {}

  /** See {@link JobStore#waits}. */
  static Optional<Duration> waits(Handle handle, UUID job) {
    return handle
        .createQuery(
            """
            select case when state <> :running then 0 else (
              select extract(epoch from resume_at - clock_timestamp()) from job_step
              where job_id = job.id and resume_at > clock_timestamp() limit 1) end
            from job where id = :id and state in (:running, :approval, :paused)
            """)
        .bind("approval", JobState.AWAITING_APPROVAL.name())
        .bind("paused", JobState.PAUSED.name())
        .bind("running", JobState.RUNNING.name())
        .bind("id", job)
        .mapTo(Double.class)
        .findOne()
        .map(seconds -> Duration.ofMillis((long) Math.ceil(seconds * 1e3)));
  }

  /** The step runs again after {@code wait}. The caller holds the lock of the job's row. */
  static void park(
      Handle handle, UUID job, int position, Map<String, Object> observed, Duration wait) {
    handle
        .createUpdate(
            """
            update job_step set observed = cast(:observed as jsonb),
              resume_at = clock_timestamp() + make_interval(secs => :seconds)
            where job_id = :job and position = :position
            """)
        .bind("observed", Columns.json(observed))
        .bind("seconds", wait.toMillis() / 1e3)
        .bind("job", job)
        .bind("position", position)
        .execute();
  }

  /**
   * Nothing of the job waits for a time any more.
   *
   * @return whether something did
   */
  static boolean unpark(Handle handle, UUID job) {
    return handle.execute(
            "update job_step set resume_at = null where job_id = ? and resume_at is not null", job)
        > 0;
  }
}
