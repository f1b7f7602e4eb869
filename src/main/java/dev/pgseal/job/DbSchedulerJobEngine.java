package dev.pgseal.job;

import com.github.kagkarlsson.scheduler.Scheduler;
import com.github.kagkarlsson.scheduler.SchedulerName;
import com.github.kagkarlsson.scheduler.task.CompletionHandler;
import com.github.kagkarlsson.scheduler.task.FailureHandler;
import com.github.kagkarlsson.scheduler.task.Task;
import com.github.kagkarlsson.scheduler.task.helper.RecurringTask;
import com.github.kagkarlsson.scheduler.task.helper.Tasks;
import dev.pgseal.audit.Actor;
import dev.pgseal.audit.Actors;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import io.agroal.api.AgroalDataSource;
import io.quarkus.arc.All;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.annotation.Priority;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * {@link JobEngine} on db-scheduler: one task per job kind, one task instance per job, picked by
 * one replica at a time. A replica that stops beating for {@code 8 s} is dead and its jobs are
 * picked again; that lease is not a fence, see {@link JobStore#claim}.
 *
 * <p>On shutdown nothing more is picked, running jobs stop before their next step and are handed to
 * whoever picks them next.
 */
@ApplicationScoped
public class DbSchedulerJobEngine implements JobEngine {

  private static final Logger LOG = Logger.getLogger(DbSchedulerJobEngine.class);

  private static final int CONCURRENT_JOBS = 8;
  private static final Duration POLL = Duration.ofSeconds(1);
  private static final Duration HEARTBEAT = Duration.ofSeconds(1);
  private static final int MISSED_HEARTBEATS = 8;
  private static final Duration AT_ONCE = Duration.ofMillis(50);
  private static final Duration RETRY = Duration.ofSeconds(2);

  /** How long a running step may take to end at shutdown before its thread is interrupted. */
  private static final Duration SHUTDOWN = Duration.ofSeconds(10);

  private final DataSource dataSource;
  private final JobStore store;
  private final List<JobHandler> handlers;
  private final List<RecurringWork> recurring;
  private final JobTelemetry telemetry;
  private @Nullable Scheduler scheduler;
  private volatile boolean stopping;

  @Inject
  DbSchedulerJobEngine(
      AgroalDataSource dataSource,
      JobStore store,
      @All List<JobHandler> handlers,
      @All List<RecurringWork> recurring,
      JobTelemetry telemetry) {
    this((DataSource) dataSource, store, handlers, recurring, telemetry);
  }

  DbSchedulerJobEngine(DataSource dataSource, JobStore store, List<JobHandler> handlers) {
    this(dataSource, store, handlers, List.of(), JobTelemetry.none());
  }

  DbSchedulerJobEngine(
      DataSource dataSource,
      JobStore store,
      List<JobHandler> handlers,
      List<RecurringWork> recurring,
      JobTelemetry telemetry) {
    this.dataSource = dataSource;
    this.store = store;
    this.handlers = handlers;
    this.recurring = recurring;
    this.telemetry = telemetry;
  }

  void onStart(@Observes @Priority(5000) StartupEvent event) {
    start();
  }

  void onStop(@Observes ShutdownEvent event) {
    stop();
  }

  void start() {
    List<Task<?>> tasks = handlers.stream().<Task<?>>map(this::task).collect(Collectors.toList());
    scheduler =
        Scheduler.create(dataSource, tasks)
            .startTasks(recurring.stream().map(DbSchedulerJobEngine::task).toList())
            // recurring work may take long, and is not to take the place of jobs
            .threads(CONCURRENT_JOBS + recurring.size())
            .pollingInterval(POLL)
            .heartbeatInterval(HEARTBEAT)
            .missedHeartbeatsLimit(MISSED_HEARTBEATS)
            .shutdownMaxWait(SHUTDOWN)
            // a restarted replica must not look like the one that died
            .schedulerName(new SchedulerName.Fixed("pgseal-" + UUID.randomUUID()))
            .build();
    scheduler.start();
  }

  void stop() {
    if (!stopping && scheduler != null) {
      stopping = true;
      LOG.infof("No more jobs are picked; running steps are given %d s", SHUTDOWN.toSeconds());
      scheduler.stop();
    }
  }

  /** True once nothing more is picked and running jobs stop before their next step. */
  boolean stopping() {
    return stopping;
  }

  private Task<Void> task(JobHandler handler) {
    return Tasks.custom(handler.kind(), Void.class)
        .onFailure(new FailureHandler.OnFailureRetryLater<>(RETRY))
        .onDeadExecutionRevive()
        .execute(
            (instance, context) -> {
              CompletionHandler<Void> ended = run(handler, UUID.fromString(instance.getId()));
              lookForWork(); // it may have started others, or its parent has to be looked at
              return ended;
            });
  }

  private static RecurringTask<Void> task(RecurringWork work) {
    return Tasks.recurring(work.name(), new JitteredDelay(work.interval(), work.jitter()))
        .execute(
            (instance, context) -> {
              try {
                work.run();
              } catch (RuntimeException e) {
                LOG.errorf(e, "%s failed; it is tried again", work.name());
              }
            });
  }

  private CompletionHandler<Void> run(JobHandler handler, UUID jobId) {
    Optional<Duration> wait = store.waits(jobId);
    if (wait.isPresent()) {
      return lookAgain(wait.get());
    }
    return store
        .claim(jobId)
        .map(fence -> observed(handler, jobId, store.execution(jobId, fence)))
        .orElseGet(() -> left(jobId));
  }

  /** Nothing more is to be done, or it was paused just now. */
  private CompletionHandler<Void> left(UUID jobId) {
    return store.find(jobId).filter(job -> !job.state().ended()).isPresent()
        ? lookAgain(Duration.ZERO)
        : new CompletionHandler.OnCompleteRemove<>();
  }

  private CompletionHandler<Void> observed(JobHandler handler, UUID jobId, JobExecution execution) {
    try (Actors.Scope asJob = Actors.as(Actor.job(jobId));
        ObservedExecution observed = telemetry.observe(execution, execution.job(), store)) {
      return run(handler, jobId, observed);
    }
  }

  private CompletionHandler<Void> run(JobHandler handler, UUID jobId, JobExecution execution) {
    GuardedExecution guarded = new GuardedExecution(execution, () -> stopping);
    try {
      handler.run(guarded);
      if (guarded.waiting()) {
        return lookAgain(shorter(guarded.waits(), store.waits(jobId)));
      }
      if (!guarded.ended()) {
        LOG.errorf("The handler of %s left job %s without an end", handler.kind(), jobId);
        guarded.end(JobState.FAILED, internalError());
      }
    } catch (JobExecution.FencedOffException e) {
      if (!guarded.released()) {
        LOG.warnf("Job %s goes on in another execution: %s", jobId, e.getMessage());
        return new CompletionHandler.OnCompleteRemove<>();
      }
      LOG.infof("Job %s is handed over: this replica shuts down", jobId);
      return (complete, operations) -> operations.reschedule(complete, Instant.now());
    } catch (RuntimeException e) {
      endFailed(guarded, jobId, e);
    }
    return new CompletionHandler.OnCompleteRemove<>();
  }

  /** Somebody may have ended the wait while the job was still on its way into it. */
  private static Duration shorter(Duration asked, Optional<Duration> left) {
    Duration now = left.orElse(AT_ONCE);
    return now.compareTo(asked) < 0 && !asked.isZero() ? now : asked;
  }

  /** A job that waits stays with the scheduler, which looks now and then whether it still does. */
  private static CompletionHandler<Void> lookAgain(Duration wait) {
    boolean soon = !wait.isZero() && wait.compareTo(RETRY) < 0;
    return (complete, operations) ->
        operations.reschedule(complete, Instant.now().plus(soon ? wait : RETRY));
  }

  private static void endFailed(GuardedExecution execution, UUID jobId, RuntimeException e) {
    if (execution.broken()
        || Thread.currentThread().isInterrupted()
        || ControlDatabaseAway.isCauseOf(e)) {
      // the control database is away, or we shut down: the job is picked again and goes on
      throw e;
    }
    if (e instanceof PgsealException problem) {
      execution.end(JobState.FAILED, JobProblem.of(problem));
      return;
    }
    LOG.errorf(e, "Job %s failed unexpectedly", jobId);
    execution.end(JobState.FAILED, internalError());
  }

  private static JobProblem internalError() {
    return new JobProblem(
        ProblemType.INTERNAL_ERROR,
        "Something went wrong inside pgseal; the service's log says more",
        Map.of());
  }

  @Override
  public Job submit(JobDraft draft, Requester requestedBy) {
    return submit(draft, Collections.emptySortedMap(), requestedBy);
  }

  @Override
  public Job submit(JobDraft parent, SortedMap<Integer, JobDraft> children, Requester requestedBy) {
    Stream.concat(Stream.of(parent), children.values().stream())
        .map(JobDraft::kind)
        .forEach(this::requireHandler);
    Job job = store.insert(parent, children, requestedBy);
    lookForWork();
    return job;
  }

  private void requireHandler(String kind) {
    if (handlers.stream().noneMatch(handler -> handler.kind().equals(kind))) {
      throw new IllegalArgumentException("No handler runs jobs of kind " + kind);
    }
  }

  /** At once rather than at the next poll. */
  private void lookForWork() {
    if (scheduler != null && !stopping) {
      scheduler.triggerCheckForDueExecutions();
    }
  }

  @Override
  public Job cancel(UUID jobId, String actor, boolean undo) {
    return store.requestCancel(jobId, actor, undo);
  }

  @Override
  public Job pause(UUID jobId, String actor) {
    return store.pause(jobId, actor);
  }

  @Override
  public Job resume(UUID jobId, String actor) {
    return store.resume(jobId, actor);
  }

  @Override
  public Job proceed(UUID jobId, String actor) {
    return store.proceed(jobId, actor);
  }

  @Override
  public Job approve(UUID jobId, Requester actor) {
    return store.approve(jobId, actor);
  }
}
