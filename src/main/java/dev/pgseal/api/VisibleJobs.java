package dev.pgseal.api;

import dev.pgseal.job.ChildJobs;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobEngine;
import dev.pgseal.job.JobEvent;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStore;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.rollout.RolloutRetry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that touch no server beyond the caller's grant; another one is not there for them. What
 * resources do with jobs they do through this ({@code AccessTest}).
 */
@ApplicationScoped
public class VisibleJobs {

  private static final int EVENTS = 500;

  private final JobStore jobs;
  private final JobEngine engine;
  private final ChildJobs children;
  private final RolloutRetry retries;
  private final Caller caller;

  public VisibleJobs(
      JobStore jobs, JobEngine engine, ChildJobs children, RolloutRetry retries, Caller caller) {
    this.jobs = jobs;
    this.children = children;
    this.engine = engine;
    this.retries = retries;
    this.caller = caller;
  }

  /**
   * @throws PgsealException {@code NOT_FOUND}
   */
  Job require(UUID id) {
    return jobs.find(id, caller.grant().serverLabels())
        .orElseThrow(() -> new PgsealException(ProblemType.NOT_FOUND, "There is no job " + id));
  }

  List<Job> list(
      @Nullable JobState state, @Nullable UUID parent, @Nullable UUID beforeId, int limit) {
    return jobs.list(state, parent, caller.grant().serverLabels(), beforeId, limit);
  }

  /** The jobs that a visible one runs, in the order of its steps, with all that was observed. */
  List<Job> runBy(Job visible) {
    return children.of(visible.id()).stream().map(child -> require(child.id())).toList();
  }

  /** All that happened in a job that was seen to be visible. */
  List<JobEvent> events(Job visible) {
    List<JobEvent> all = new ArrayList<>();
    List<JobEvent> batch;
    do {
      long after = all.isEmpty() ? 0 : all.get(all.size() - 1).id();
      batch = jobs.events(visible.id(), after, EVENTS);
      all.addAll(batch);
    } while (batch.size() == EVENTS);
    return all;
  }

  /**
   * @throws PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE}
   */
  Job proceed(UUID id) {
    return engine.proceed(require(id).id(), caller.name());
  }

  /**
   * @throws PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE}, {@code SELF_APPROVAL}
   */
  Job approve(UUID id) {
    return engine.approve(require(id).id(), caller.actor());
  }

  /**
   * @throws PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE}
   */
  Job pause(UUID id) {
    return engine.pause(require(id).id(), caller.name());
  }

  /**
   * @throws PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE}
   */
  Job resume(UUID id) {
    return engine.resume(require(id).id(), caller.name());
  }

  /**
   * @throws PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE}; as {@link RolloutRetry}
   */
  Job retry(UUID id) {
    return retries.retry(require(id).id(), caller.actor());
  }

  /**
   * @throws PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE}
   */
  Job cancel(UUID id, boolean undo) {
    return engine.cancel(require(id).id(), caller.name(), undo);
  }
}
