package dev.pgseal.job;

import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A {@link JobExecution} that gives the job up before the next step once this replica shuts down,
 * and remembers how it stands with the job. May be used by several threads, each of which has ended
 * before it is asked how it stands.
 */
final class GuardedExecution implements JobExecution {

  private final JobExecution execution;
  private final BooleanSupplier stopping;
  private boolean ended;
  private @Nullable Duration wait;
  private volatile boolean released;
  private volatile boolean broken;

  GuardedExecution(JobExecution execution, BooleanSupplier stopping) {
    this.execution = execution;
    this.stopping = stopping;
  }

  /** The job was ended. */
  boolean ended() {
    return ended;
  }

  /** The job waits for somebody's {@code :continue} or {@code :resume}, or for a time. */
  boolean waiting() {
    return wait != null;
  }

  /** How long it waits, zero for somebody. */
  Duration waits() {
    return Objects.requireNonNull(wait, "wait");
  }

  /** The job was given up for the shutdown. */
  boolean released() {
    return released;
  }

  /** A checkpoint failed: what the job's record says may be older than the server's state. */
  boolean broken() {
    return broken;
  }

  @Override
  public void stepRunning(int position) {
    if (stopping.getAsBoolean()) {
      released = true;
      throw new FencedOffException("This replica shuts down");
    }
    checkpoint(() -> execution.stepRunning(position));
  }

  @Override
  public void end(JobState state, @Nullable JobProblem problem) {
    checkpoint(() -> execution.end(state, problem));
    ended = true;
  }

  @Override
  public Job job() {
    return checked(execution::job);
  }

  @Override
  public long fence() {
    return checked(execution::fence);
  }

  @Override
  public boolean tookOver() {
    return checked(execution::tookOver);
  }

  @Override
  public boolean cancelRequested() {
    return checked(execution::cancelRequested);
  }

  @Override
  public boolean cancelKeeps() {
    return checked(execution::cancelKeeps);
  }

  @Override
  public boolean pauseRequested() {
    return checked(execution::pauseRequested);
  }

  @Override
  public boolean pauses() {
    boolean pauses = checked(execution::pauses);
    if (pauses) {
      wait = Duration.ZERO;
    }
    return pauses;
  }

  @Override
  public void recordUndo(int position, String undo) {
    checkpoint(() -> execution.recordUndo(position, undo));
  }

  @Override
  public Optional<String> undo(int position) {
    return checked(() -> execution.undo(position));
  }

  @Override
  public void stepEnded(
      int position, StepState state, Map<String, Object> observed, @Nullable JobProblem problem) {
    checkpoint(() -> execution.stepEnded(position, state, observed, problem));
  }

  @Override
  public void note(int position, String message, Map<String, Object> data) {
    checkpoint(() -> execution.note(position, message, data));
  }

  @Override
  public void awaitApproval(int position, Map<String, Object> observed) {
    checkpoint(() -> execution.awaitApproval(position, observed));
    wait = Duration.ZERO;
  }

  @Override
  public void runAgain(int position, Map<String, Object> observed, Duration wait) {
    checkpoint(() -> execution.runAgain(position, observed, wait));
    this.wait = wait;
  }

  @Override
  public void desireMode(String mode) {
    checkpoint(() -> execution.desireMode(mode));
  }

  private void checkpoint(Runnable write) {
    checked(
        () -> {
          write.run();
          return true;
        });
  }

  private <T> T checked(Supplier<T> call) {
    try {
      return call.get();
    } catch (RuntimeException e) {
      broken = true;
      throw e;
    }
  }
}
