package dev.pgseal.rollout;

import dev.pgseal.job.Job;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobStep;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.HeldServers;
import dev.pgseal.tls.OpeningWatch;
import dev.pgseal.tls.ServerAccess;
import dev.pgseal.tls.ServerUnderChange;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What a step knows while it runs.
 *
 * @param <R> what was asked for
 * @param job as it was when this execution began: for what never changes in it
 * @param named the step's server; null for a step that is about none
 * @param primary for the steps on replication: the primary that the standby streams from
 * @param opening how servers are opened while it runs; null when each is opened anew and nothing
 *     watches it
 */
public record StepContext<R>(
    JobExecution execution,
    Job job,
    JobStep step,
    R request,
    @Nullable ManagedServer named,
    @Nullable ManagedServer primary,
    @Nullable Opening opening,
    ServerAccess access,
    UndoCodec undoCodec) {

  /**
   * @param held the servers that this execution keeps open from one step to the next
   * @param deadline aborts what is opened once the step's time is over
   */
  record Opening(HeldServers held, StepDeadline deadline) {

    private ServerUnderChange take(
        ManagedServer server, LongSupplier fence, Supplier<ServerUnderChange> anew) {
      ServerUnderChange change = held.take(server.id(), fence, anew);
      deadline.watch(change);
      return change;
    }
  }

  /** The server, locked for this job; see {@link ServerAccess#openForChange}. */
  public ServerUnderChange open() {
    return open(server());
  }

  /** Another server of the job, locked for it. */
  public ServerUnderChange open(ManagedServer other) {
    return opening == null
        ? openAnew(other)
        : opening.take(other, execution::fence, () -> openAnew(other));
  }

  private ServerUnderChange openAnew(ManagedServer other) {
    return access.openForChange(
        other,
        "job/" + job.id(),
        execution::fence,
        job.kind() + ", job " + job.id(),
        new Watch(this));
  }

  /** Who reads the job learns what it waits for; a deadline and a {@code :cancel} end the wait. */
  private record Watch(StepContext<?> context) implements OpeningWatch {

    @Override
    public void opened(ServerUnderChange change) {
      if (limited()) {
        context.opening.deadline().watch(change);
      }
    }

    @Override
    public void waits(PgsealException conflict) {
      context.note("the server is waited for", Map.of("reason", conflict.detail()));
    }

    @Override
    public boolean over() {
      return limited()
          && (context.opening.deadline().isOver() || context.execution.cancelRequested());
    }

    @Override
    public boolean limited() {
      return context.opening != null;
    }
  }

  public ManagedServer server() {
    return Objects.requireNonNull(named, "the step is about no server");
  }

  public int position() {
    return step.position();
  }

  public ManagedServer requirePrimary() {
    if (primary == null) {
      throw new PgsealException(
          ProblemType.ILLEGAL_STATE,
          "The primary of " + server().name() + " is not part of the rollout any more");
    }
    return primary;
  }

  /** Keeps what the undo of this step needs; only the first call of a step counts. */
  public void recordUndo(Object undo) {
    execution.recordUndo(position(), undoCodec.write(undo));
  }

  /**
   * As {@link #recordUndo}.
   *
   * @return what counts: after a restart that is the state from before the job, not what our own
   *     first run left
   */
  public <T> T keepUndo(T undo, Class<T> type) {
    recordUndo(undo);
    return recordedUndo(type).orElseThrow();
  }

  /** What was kept: by this run of the step, or by one before a restart. */
  public <T> Optional<T> recordedUndo(Class<T> type) {
    return execution.undo(position()).map(text -> undoCodec.read(text, type));
  }

  public void note(String message, Map<String, Object> data) {
    execution.note(position(), message, data);
  }
}
