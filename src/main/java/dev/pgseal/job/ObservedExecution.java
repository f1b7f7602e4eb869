package dev.pgseal.job;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/**
 * A {@link JobExecution} whose steps are seen in metrics and traces, and whose thread's log lines
 * have the fields {@code job} and {@code server}. Each step is run by one thread; that which made
 * it closes it when no other uses it any more.
 */
final class ObservedExecution implements JobExecution, AutoCloseable {

  private static final Logger LOG = Logger.getLogger(ObservedExecution.class);
  private static final String JOB = "job";
  private static final String SERVER = "server";
  private static final String WAITING = "WAITING";

  private final JobExecution execution;
  private final Job job;
  private final JobMeters meters;
  private final JobTraces traces;
  private final JobTraces.Running span;
  private final Map<Thread, RunningStep> running = new ConcurrentHashMap<>();
  private @Nullable JobState ended;
  private @Nullable JobProblem problem;

  private record RunningStep(JobStep step, Instant since, JobTraces.Running span) {}

  ObservedExecution(
      JobExecution execution, Job job, JobMeters meters, JobTraces traces, JobTraces.Running span) {
    this.execution = execution;
    this.job = job;
    this.meters = meters;
    this.traces = traces;
    this.span = span;
    MDC.put(JOB, job.id().toString());
  }

  @Override
  public void stepRunning(int position) {
    settle(null, null); // a thread may begin several steps that are jobs themselves
    JobStep step = job.steps().get(position);
    running.put(Thread.currentThread(), new RunningStep(step, Instant.now(), traces.step(step)));
    if (step.server() != null) {
      MDC.put(SERVER, step.server());
    }
    execution.stepRunning(position);
  }

  @Override
  public void stepEnded(
      int position, StepState state, Map<String, Object> observed, @Nullable JobProblem why) {
    execution.stepEnded(position, state, observed, why);
    RunningStep step = running.get(Thread.currentThread());
    if (step != null && step.step().position() == position) {
      settle(state.name(), why);
    }
  }

  @Override
  public void awaitApproval(int position, Map<String, Object> observed) {
    execution.awaitApproval(position, observed);
    settle(WAITING, null);
  }

  /** The step is not over: it is counted once, at its end. */
  @Override
  public void runAgain(int position, Map<String, Object> observed, Duration wait) {
    execution.runAgain(position, observed, wait);
    settle(null, null);
  }

  private void settle(@Nullable String outcome, @Nullable JobProblem why) {
    RunningStep step = running.remove(Thread.currentThread());
    if (step == null) {
      return; // an undo
    }
    if (outcome != null) {
      LOG.infof(
          "Job %s step %d %s: %s", job.id(), step.step().position(), step.step().kind(), outcome);
    }
    step.span().end(outcome, why);
    MDC.remove(SERVER);
    if (outcome != null) {
      meters.stepEnded(
          job.kind(), step.step().kind(), outcome, Duration.between(step.since(), Instant.now()));
    }
  }

  @Override
  public void end(JobState state, @Nullable JobProblem why) {
    execution.end(state, why);
    LOG.infof("Job %s %s%s", job.id(), state, why == null ? "" : ": " + why.type().uri());
    ended = state;
    problem = why;
    meters.ended(job, state, why);
  }

  /** Ends what is open, with no outcome where the job goes on elsewhere. */
  @Override
  public void close() {
    settle(null, null);
    running.values().forEach(step -> step.span().abandon()); // their threads are gone
    span.end(ended == null ? null : ended.name(), problem);
    MDC.remove(JOB);
  }

  @Override
  public Job job() {
    return execution.job();
  }

  @Override
  public long fence() {
    return execution.fence();
  }

  @Override
  public boolean tookOver() {
    return execution.tookOver();
  }

  @Override
  public boolean cancelRequested() {
    return execution.cancelRequested();
  }

  @Override
  public boolean cancelKeeps() {
    return execution.cancelKeeps();
  }

  @Override
  public boolean pauseRequested() {
    return execution.pauseRequested();
  }

  @Override
  public boolean pauses() {
    return execution.pauses();
  }

  @Override
  public void recordUndo(int position, String undo) {
    execution.recordUndo(position, undo);
  }

  @Override
  public Optional<String> undo(int position) {
    return execution.undo(position);
  }

  @Override
  public void desireMode(String mode) {
    execution.desireMode(mode);
  }

  @Override
  public void note(int position, String message, Map<String, Object> data) {
    execution.note(position, message, data);
  }
}
