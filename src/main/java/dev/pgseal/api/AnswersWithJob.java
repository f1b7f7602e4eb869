package dev.pgseal.api;

import dev.pgseal.job.Job;
import org.jspecify.annotations.Nullable;

/** A body with the state of a job, which can be told anew when the job has got further. */
interface AnswersWithJob {

  /** Null when there is none after all. */
  @Nullable JobView answeredJob();

  /** The same with the job's present state. */
  Object with(Job present);
}
