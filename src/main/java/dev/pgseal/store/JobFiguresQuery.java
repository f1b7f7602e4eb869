package dev.pgseal.store;

import dev.pgseal.job.JobFigures;
import dev.pgseal.job.JobState;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import org.jdbi.v3.core.Handle;

/** Counts and ages of jobs, by the clock of the control database. */
final class JobFiguresQuery {

  private JobFiguresQuery() {}

  static JobFigures run(Handle handle) {
    Map<JobState, Long> unfinished = new EnumMap<>(JobState.class);
    handle
        .createQuery(
            "select state, count(*) as jobs from job where finished_at is null group by state")
        .map(
            (row, context) ->
                Map.entry(JobState.valueOf(row.getString("state")), row.getLong("jobs")))
        .forEach(count -> unfinished.put(count.getKey(), count.getValue()));
    return new JobFigures(
        unfinished,
        seconds(
            handle,
            """
            select extract(epoch from clock_timestamp() - min(began.time)) from job
            cross join lateral (
              select max(time) as time from job_event
              where job_id = job.id and type = 'job' and data ->> 'state' in ('AWAITING_APPROVAL', 'PAUSED')
            ) began
            where job.finished_at is null and job.state in ('AWAITING_APPROVAL', 'PAUSED')
            """),
        seconds(
            handle,
            """
            select extract(epoch from clock_timestamp() - min(execution_time))
            from scheduled_tasks where not picked and execution_time < clock_timestamp()
            """));
  }

  private static Duration seconds(Handle handle, String query) {
    return handle
        .createQuery(query)
        .mapTo(Double.class)
        .findOne()
        .map(seconds -> Duration.ofMillis(Math.round(seconds * 1e3)))
        .orElse(Duration.ZERO);
  }
}
