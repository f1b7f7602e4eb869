package dev.pgseal.rollout;

import dev.pgseal.job.Job;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobStep;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerStore;
import dev.pgseal.tls.ServerAccess;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Makes the context of a step from what the job has stored. */
@ApplicationScoped
public class StepContexts {

  private static final Logger LOG = Logger.getLogger(StepContexts.class);

  private final ServerAccess access;
  private final ServerStore servers;
  private final UndoCodec undoCodec;

  public StepContexts(ServerAccess access, ServerStore servers, UndoCodec undoCodec) {
    this.access = access;
    this.servers = servers;
    this.undoCodec = undoCodec;
  }

  /**
   * @param job as it was when the execution began
   * @param opening null when the step opens its servers for itself, and has no deadline
   */
  StepContext<RolloutRequest> rollout(
      JobExecution execution,
      Job job,
      StoredRollout rollout,
      JobStep step,
      StepContext.@Nullable Opening opening) {
    String primary = step.server() == null ? null : rollout.primaries().get(step.server());
    return of(execution, job, rollout.request(), step, primary, opening);
  }

  /**
   * @param primary the name of the primary that the step's server streams from
   */
  public <R> StepContext<R> of(
      JobExecution execution, R request, JobStep step, @Nullable String primary) {
    return of(execution, execution.job(), request, step, primary, null);
  }

  /**
   * Frees the servers of a job that is about to end of what a frozen replica holds there. It knows
   * nothing of a server that its successor had no reason to open again.
   */
  public void endEarlierExecutions(JobExecution execution) {
    if (!execution.tookOver()) {
      return;
    }
    Job job = execution.job();
    long fence = execution.fence();
    job.steps().stream()
        .map(JobStep::server)
        .filter(Objects::nonNull)
        .distinct()
        .flatMap(name -> servers.find(name).stream())
        .forEach(server -> endSessions(server, "job/" + job.id(), fence));
  }

  private void endSessions(ManagedServer server, String owner, long fence) {
    try {
      access.endSessionsOf(server, owner, fence);
    } catch (PgsealException e) {
      LOG.warnf(
          "What a frozen replica may hold of %s on server %s was not ended: %s",
          owner, server.name(), e.detail());
    }
  }

  private <R> StepContext<R> of(
      JobExecution execution,
      Job job,
      R request,
      JobStep step,
      @Nullable String primary,
      StepContext.@Nullable Opening opening) {
    return new StepContext<>(
        execution,
        job,
        step,
        request,
        step.server() == null ? null : access.require(step.server()),
        primary == null ? null : orNull(primary),
        opening,
        access,
        undoCodec);
  }

  private @Nullable ManagedServer orNull(String name) {
    return servers.find(name).orElse(null);
  }
}
