package dev.pgseal.job;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Where jobs, steps and events are kept. */
public interface JobStore {

  Optional<Job> find(UUID id);

  /**
   * The job, if all that it touches are servers that have these labels.
   *
   * @param serverLabels empty for every job
   */
  Optional<Job> find(UUID id, Map<String, String> serverLabels);

  /**
   * Newest first, older than {@code beforeId}'s job; without the steps' {@code observed}.
   *
   * @param parent only those that this job runs
   * @param serverLabels as in {@link #find(UUID, Map)}
   */
  List<Job> list(
      @Nullable JobState state,
      @Nullable UUID parent,
      Map<String, String> serverLabels,
      @Nullable UUID beforeId,
      int limit);

  /** The id of the latest event of each of these jobs; jobs that do not exist are left out. */
  Map<UUID, Long> lastEventIds(Collection<UUID> jobIds);

  /** Events with an id greater than {@code afterEventId}, in order. */
  List<JobEvent> events(UUID jobId, long afterEventId, int limit);

  /**
   * Stores a {@code PENDING} job together with the row that hands it to the scheduler; see {@link
   * JobEngine#submit(JobDraft, Requester)}.
   */
  Job insert(JobDraft draft, Requester requestedBy);

  /** As {@link JobEngine#submit(JobDraft, SortedMap, Requester)}. */
  Job insert(JobDraft parent, SortedMap<Integer, JobDraft> children, Requester requestedBy);

  /** Whether something else has worked on a server of the job since it ended. */
  boolean followed(UUID jobId);

  /** The {@code traceparent} of the request that asked for the job, when that was traced. */
  Optional<String> traceParent(UUID jobId);

  /** How the jobs stand now. */
  JobFigures figures();

  /**
   * Takes the job for an execution: raises its fence, sets it {@code RUNNING} unless it is being
   * cancelled.
   *
   * @return the fence, or empty when the job has ended or is {@code PAUSED}
   */
  Optional<Long> claim(UUID jobId);

  /** Records the wish to cancel; see {@link JobEngine#cancel}. */
  Job requestCancel(UUID jobId, String actor, boolean undo);

  /**
   * How long the job must not be claimed for what is known now: empty when it may be, zero while it
   * is {@code AWAITING_APPROVAL} or {@code PAUSED}, else the rest of what {@link
   * JobExecution#runAgain} said.
   */
  Optional<Duration> waits(UUID jobId);

  /** Stops a job between two steps; see {@link JobEngine#pause}. */
  Job pause(UUID jobId, String actor);

  /** Lets a paused job go on; see {@link JobEngine#resume}. */
  Job resume(UUID jobId, String actor);

  /** Lets a job that waits go on; see {@link JobEngine#proceed}. */
  Job proceed(UUID jobId, String actor);

  /** Lets a job that waits for a second person go on; see {@link JobEngine#approve}. */
  Job approve(UUID jobId, Requester actor);

  /** The checkpoints of the execution that holds {@code fence}. */
  JobExecution execution(UUID jobId, long fence);
}
