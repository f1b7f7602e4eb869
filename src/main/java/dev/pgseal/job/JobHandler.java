package dev.pgseal.job;

/**
 * Runs the jobs of one kind; one CDI bean per kind.
 *
 * <p>{@link #run} is called again from the start when a replica dies in the middle: it must find
 * out from the steps' states and from the servers where it stands. It ends the job through {@link
 * JobExecution#end}; what it throws ends the job as {@code FAILED}.
 */
public interface JobHandler {

  /** The {@link Job#kind()} it runs. */
  String kind();

  void run(JobExecution execution);
}
