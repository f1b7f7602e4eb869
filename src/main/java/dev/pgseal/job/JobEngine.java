package dev.pgseal.job;

import java.util.SortedMap;
import java.util.UUID;

/** Accepts jobs and sees that each is run to its end, by this replica or another. */
public interface JobEngine {

  /**
   * Stores the job and its planned steps and hands it to the replicas, in one transaction.
   *
   * @param draft its servers can be in one unfinished job only
   * @throws dev.pgseal.problem.PgsealException {@code OPERATION_IN_PROGRESS} naming the other job
   */
  Job submit(JobDraft draft, Requester requestedBy);

  /**
   * The same for a job that runs others: see {@link ChildJobs}. Nothing is reserved before a child
   * is started.
   *
   * @param children by the position of the parent's step that each is
   */
  Job submit(JobDraft parent, SortedMap<Integer, JobDraft> children, Requester requestedBy);

  /**
   * Asks for the job to stop between two steps and to take back what it did. Idempotent; a pending
   * job ends at once.
   *
   * @param undo false: servers are left at the last mode that was proved, and only what lies
   *     between two modes is taken back ({@link StepActions#keeps})
   * @throws dev.pgseal.problem.PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE} when ended
   */
  Job cancel(UUID jobId, String actor, boolean undo);

  /**
   * Asks for the job to stop before its next step, holding nothing. Idempotent. It is {@code
   * PAUSED} at once when no step runs (it has not begun, or waits for a time), else when the step
   * that runs is done; it goes on after {@link #resume}. What is taken back is not paused.
   *
   * @throws dev.pgseal.problem.PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE} when it has
   *     ended, was cancelled, a step of it failed, or it waits for somebody already
   */
  Job pause(UUID jobId, String actor);

  /**
   * Lets a job that was paused go on. A step that waited for a time goes on waiting.
   *
   * @throws dev.pgseal.problem.PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE} when it is
   *     not paused
   */
  Job resume(UUID jobId, String actor);

  /**
   * Lets a job that is {@code AWAITING_APPROVAL} go on, unless it waits for a second person.
   *
   * @throws dev.pgseal.problem.PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE} when it
   *     does not wait for this
   */
  Job proceed(UUID jobId, String actor);

  /**
   * Lets a job go on that waits for a second person.
   *
   * @throws dev.pgseal.problem.PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE} when it
   *     does not wait for this, {@code SELF_APPROVAL} by {@link Requester#sameHandsAs}
   */
  Job approve(UUID jobId, Requester actor);
}
