package dev.pgseal.rollout;

import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobStep;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerStore;
import dev.pgseal.tls.ServerAccess;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/** Makes the context of a step from what the job has stored. */
@ApplicationScoped
class StepContexts {

  private final ServerAccess access;
  private final ServerStore servers;
  private final UndoCodec undoCodec;

  StepContexts(ServerAccess access, ServerStore servers, UndoCodec undoCodec) {
    this.access = access;
    this.servers = servers;
    this.undoCodec = undoCodec;
  }

  StepContext of(JobExecution execution, StoredRollout rollout, JobStep step) {
    return new StepContext(
        execution,
        step.position(),
        rollout.request(),
        access.require(step.server()),
        primary(rollout, step),
        access,
        undoCodec);
  }

  private @Nullable ManagedServer primary(StoredRollout rollout, JobStep step) {
    String primary = rollout.primaries().get(step.server());
    return primary == null ? null : servers.find(primary).orElse(null);
  }
}
