package dev.pgseal.job;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A job in memory that can stop its handler at each checkpoint, once, as if the process had been
 * killed right before or right after the checkpoint was stored.
 */
public final class MemoryExecution implements JobExecution {

  /** When the handler is stopped. */
  public enum Kill {
    NEVER,
    BEFORE_THE_CHECKPOINT,
    AFTER_THE_CHECKPOINT
  }

  private final Kill kill;
  private final Set<String> killedAt = new HashSet<>();
  private final Map<Integer, String> undos = new ConcurrentHashMap<>();
  private final List<String> log = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private Predicate<Job> cancelWhen = job -> false;
  private Predicate<Job> pauseWhen = job -> false;
  private IntConsumer beforeChange = position -> {};
  private volatile @Nullable String desiredMode;
  private boolean cancelled;
  private boolean keeps;
  private long again = System.nanoTime();
  private volatile Job job;

  public MemoryExecution(Job job, Kill kill) {
    this.job = job;
    this.kill = kill;
  }

  /** Somebody asks for {@code :cancel} as soon as the job looks so. */
  public MemoryExecution cancelWhen(Predicate<Job> condition) {
    cancelWhen = condition;
    return this;
  }

  /** What happens when a step has kept its undo, and has changed nothing yet. */
  public MemoryExecution beforeChange(IntConsumer event) {
    beforeChange = event;
    return this;
  }

  /** Somebody asks for {@code :pause} as soon as the job looks so; once. */
  public MemoryExecution pauseWhen(Predicate<Job> condition) {
    pauseWhen = condition;
    return this;
  }

  /** Somebody says {@code :resume}. */
  public void resume() {
    job = with(JobState.RUNNING, job.problem(), null);
  }

  /** Somebody says {@code :continue}. */
  public void proceed(String actor) {
    JobStep step =
        job.steps().stream().filter(s -> s.state() == StepState.RUNNING).findFirst().orElseThrow();
    Map<String, Object> observed = new HashMap<>(step.observed());
    observed.put(APPROVED_BY, actor);
    replace(step.position(), StepState.RUNNING, observed, null, false);
  }

  /**
   * Runs the handler, and again whenever it was stopped or has to run later.
   *
   * @return the job that ended, or waits for {@link #proceed} or {@link #resume}
   */
  public Job runToTheEnd(JobHandler handler) {
    for (int attempts = 0;
        !job.state().ended()
            && job.state() != JobState.AWAITING_APPROVAL
            && job.state() != JobState.PAUSED;
        attempts++) {
      while (System.nanoTime() - again < 0 && !cancelRequested()) {
        LockSupport.parkNanos(again - System.nanoTime());
      }
      if (attempts > 500) {
        throw new IllegalStateException("the job does not come to its end: " + log);
      }
      try {
        handler.run(this);
      } catch (FencedOffException e) {
        log.add(e.getMessage());
      }
    }
    return job;
  }

  /** How often the handler was stopped. */
  public synchronized int kills() {
    return killedAt.size();
  }

  /** What the steps noted. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  @Override
  public Job job() {
    return job;
  }

  @Override
  public long fence() {
    return 1 + kills();
  }

  @Override
  public boolean tookOver() {
    return kills() > 0;
  }

  @Override
  public boolean cancelKeeps() {
    return keeps;
  }

  /** Whoever cancels wants what was proved to stay. */
  public MemoryExecution keeping() {
    keeps = true;
    return this;
  }

  @Override
  public boolean cancelRequested() {
    cancelled = cancelled || cancelWhen.test(job);
    return cancelled;
  }

  @Override
  public boolean pauseRequested() {
    return pauseWhen.test(job);
  }

  @Override
  public boolean pauses() {
    if (!pauseWhen.test(job)) {
      return false;
    }
    checkpoint(
        "pauses",
        () -> {
          pauseWhen = later -> false;
          job = with(JobState.PAUSED, job.problem(), null);
        });
    return true;
  }

  @Override
  public void stepRunning(int position) {
    checkpoint(
        position + " running",
        () ->
            replace(
                position, StepState.RUNNING, job.steps().get(position).observed(), null, false));
  }

  @Override
  public void recordUndo(int position, String undo) {
    checkpoint(position + " undo recorded", () -> undos.putIfAbsent(position, undo));
    beforeChange.accept(position);
  }

  @Override
  public Optional<String> undo(int position) {
    return Optional.ofNullable(undos.get(position));
  }

  @Override
  public void stepEnded(
      int position, StepState state, Map<String, Object> observed, @Nullable JobProblem problem) {
    checkpoint(position + " " + state, () -> replace(position, state, observed, problem, true));
  }

  @Override
  public void awaitApproval(int position, Map<String, Object> observed) {
    checkpoint(
        position + " waits", () -> replace(position, StepState.RUNNING, observed, null, false));
    job = with(JobState.AWAITING_APPROVAL, job.problem(), null);
  }

  /** Looks out for the time instead of being called again at it. */
  @Override
  public void runAgain(int position, Map<String, Object> observed, Duration wait) {
    checkpoint(
        position + " later", () -> replace(position, StepState.RUNNING, observed, null, false));
    again = System.nanoTime() + wait.toNanos();
    pauses();
  }

  @Override
  public void note(int position, String message, Map<String, Object> data) {
    checkpoint(position + " " + message, () -> notes.add(message + " " + data));
  }

  @Override
  public void desireMode(String mode) {
    checkpoint("desires " + mode, () -> desiredMode = mode);
  }

  /** In which mode the job's servers shall be; null while nobody has said so. */
  public @Nullable String desiredMode() {
    return desiredMode;
  }

  @Override
  public void end(JobState state, @Nullable JobProblem problem) {
    checkpoint("end " + state, () -> job = with(state, problem, Instant.now()));
  }

  private Job with(JobState state, @Nullable JobProblem problem, @Nullable Instant finishedAt) {
    return new Job(
        job.id(),
        job.kind(),
        state,
        job.request(),
        job.steps(),
        problem,
        job.requestedBy(),
        cancelled ? "ann" : null,
        false,
        null,
        job.approval(),
        job.paused(),
        job.createdAt(),
        job.startedAt(),
        finishedAt);
  }

  private synchronized void checkpoint(String name, Runnable write) {
    if (kill == Kill.BEFORE_THE_CHECKPOINT && killedAt.add(name)) {
      throw new FencedOffException("killed before: " + name);
    }
    write.run();
    log.add(name);
    if (kill == Kill.AFTER_THE_CHECKPOINT && killedAt.add(name)) {
      throw new FencedOffException("killed after: " + name);
    }
  }

  private void replace(
      int position,
      StepState state,
      Map<String, Object> observed,
      @Nullable JobProblem problem,
      boolean ended) {
    List<JobStep> steps = new ArrayList<>(job.steps());
    JobStep old = steps.get(position);
    Instant now = Instant.now();
    steps.set(
        position,
        new JobStep(
            position,
            old.server(),
            old.kind(),
            old.description(),
            state,
            observed,
            problem,
            old.startedAt() == null ? now : old.startedAt(),
            ended ? now : null));
    job =
        new Job(
            job.id(),
            job.kind(),
            JobState.RUNNING,
            job.request(),
            List.copyOf(steps),
            job.problem(),
            job.requestedBy(),
            job.cancelledBy(),
            false,
            null,
            job.approval(),
            job.paused(),
            job.createdAt(),
            job.startedAt(),
            null);
  }
}
