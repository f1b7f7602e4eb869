package dev.pgseal.rollout;

import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepResult;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.tls.ServerUnderChange;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * How long one run of a step may work. When that is over the sessions that the step works in are
 * aborted, whatever they wait for: a lock, a server that hangs, a network that lost its packets.
 * The step then fails, however it takes that.
 */
final class StepDeadline implements AutoCloseable {

  private final JobStep step;
  private final Duration limit;
  private final List<ServerUnderChange> opened = new ArrayList<>();
  private @Nullable Future<?> alarm;
  private boolean over;

  StepDeadline(JobStep step, Duration limit) {
    this.step = step;
    this.limit = limit;
  }

  void alarm(Future<?> alarm) {
    this.alarm = alarm;
  }

  /** A server that the step works on from now on; called before anything can hang there. */
  synchronized void watch(ServerUnderChange change) {
    opened.add(change);
    if (over) {
      change.abort();
    }
  }

  /** The time is over. Called by another thread than the step's. */
  synchronized void ring() {
    over = true;
    opened.forEach(ServerUnderChange::abort);
  }

  synchronized boolean isOver() {
    return over;
  }

  /**
   * Runs the step.
   *
   * @throws PgsealException {@code STEP_DEADLINE} when the step fails, or wants to go on later, and
   *     its time was over. What it came to its end with counts, though it be late
   */
  StepResult hold(Supplier<StepResult> run) {
    try {
      StepResult result = run.get();
      if (result.outcome() == StepResult.Outcome.LATER && isOver()) {
        throw overdue("it wanted to go on later");
      }
      return result;
    } catch (PgsealException e) {
      if (e.type() != ProblemType.STEP_DEADLINE
          && isOver()
          && !Thread.currentThread().isInterrupted()) {
        throw overdue(e.detail());
      }
      throw e;
    }
  }

  private PgsealException overdue(String reason) {
    return new PgsealException(
            ProblemType.STEP_DEADLINE,
            "The step %s%s did not come to its end within %s"
                .formatted(step.kind(), step.server() == null ? "" : " of " + step.server(), limit))
        .with("deadline", limit.toString())
        .with("reason", reason)
        .hint(
            "See what it waited for: pg_stat_activity (wait_event) and pg_locks while it runs, the"
                + " server's log, its disk, the network. If it only needs longer: stepDeadline");
  }

  @Override
  public void close() {
    if (alarm != null) {
      alarm.cancel(false);
    }
  }
}
