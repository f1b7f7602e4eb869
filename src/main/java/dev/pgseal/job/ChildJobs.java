package dev.pgseal.job;

import dev.pgseal.problem.PgsealException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The jobs that one job runs. They are made with it ({@link JobEngine#submit(JobDraft,
 * java.util.SortedMap, Requester)}) and held; each is a job like any other once it is started. When
 * one ends, or begins to wait, its parent is looked at again.
 */
public interface ChildJobs {

  /** In the order of the parent's steps. */
  List<ChildJob> of(UUID parent);

  /**
   * Hands a held child to the replicas and reserves its servers for it; one that was started before
   * stays as it is.
   *
   * @param fence of the parent's execution
   * @param desiredMode what its servers are asked for to be from now on
   * @return empty when it was started, else who has one of its servers, as {@code
   *     OPERATION_IN_PROGRESS}; {@link ChildJob#blockedSince} keeps when that was so first
   * @throws JobExecution.FencedOffException when a later execution has the parent
   */
  Optional<PgsealException> start(UUID parent, long fence, UUID child, String desiredMode);

  /**
   * Ends a child that is held; one that is not stays as it is.
   *
   * @param state {@code FAILED} or {@code CANCELLED}
   * @throws JobExecution.FencedOffException when a later execution has the parent
   */
  void end(UUID parent, long fence, UUID child, JobState state, JobProblem problem);
}
