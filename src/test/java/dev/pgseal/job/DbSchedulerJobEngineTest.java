package dev.pgseal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.store.ControlDatabase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class DbSchedulerJobEngineTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  @RegisterExtension static final ControlDatabase DATABASE = new ControlDatabase();

  private final JobStore store = DATABASE.jobs();
  private final List<DbSchedulerJobEngine> engines = new ArrayList<>();

  @AfterEach
  void stop() {
    engines.forEach(DbSchedulerJobEngine::stop);
  }

  @Test
  void aSubmittedJobRunsToItsEnd() {
    DbSchedulerJobEngine engine =
        engine(
            execution -> {
              execution.stepRunning(0);
              execution.stepEnded(0, StepState.DONE, Map.of("ssl", "on"), null);
              execution.end(JobState.SUCCEEDED, null);
            });

    Job job = submit(engine);

    Job ended = awaitEnd(job);
    assertThat(ended.state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(ended.steps().get(0).observed()).isEqualTo(Map.of("ssl", "on"));
    await().atMost(SOON).untilAsserted(() -> assertThat(scheduled(job)).isZero());
  }

  @Test
  void aRefusalThatTheHandlerThrowsEndsTheJobWithItsProblem() {
    DbSchedulerJobEngine engine =
        engine(
            execution -> {
              throw new PgsealException(ProblemType.SSL_NOT_TAKEN, "no TLS").with("server", "a");
            });

    Job ended = awaitEnd(submit(engine));

    assertThat(ended.state()).isEqualTo(JobState.FAILED);
    assertThat(ended.problem())
        .isEqualTo(new JobProblem(ProblemType.SSL_NOT_TAKEN, "no TLS", Map.of("server", "a")));
  }

  @Test
  void anUnexpectedErrorEndsTheJobWithoutTellingTheInside() {
    DbSchedulerJobEngine engine =
        engine(
            execution -> {
              throw new IllegalStateException("the inside");
            });

    Job ended = awaitEnd(submit(engine));

    assertThat(ended.state()).isEqualTo(JobState.FAILED);
    assertThat(ended.problem().type()).isEqualTo(ProblemType.INTERNAL_ERROR);
    assertThat(ended.problem().detail()).doesNotContain("the inside");
  }

  @Test
  void aJobOfAReplicaThatDiedIsTakenUpByAnother() {
    DbSchedulerJobEngine engine = engine(execution -> execution.end(JobState.SUCCEEDED, null));
    Job job =
        store.insert(new JobDraft("test", Map.of(), steps(), List.of()), Requester.of("somebody"));
    // what a replica leaves behind that picked the job and was killed
    DATABASE
        .jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "update scheduled_tasks set picked = true, picked_by = 'dead',"
                        + " last_heartbeat = now() where task_instance = ?",
                    job.id().toString()));

    assertThat(awaitEnd(job).state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(engine).isNotNull();
  }

  @Test
  void onShutdownAJobStopsBeforeItsNextStepAndGoesOnElsewhere() throws Exception {
    CountDownLatch inFirstStep = new CountDownLatch(1);
    CountDownLatch shuttingDown = new CountDownLatch(1);
    DbSchedulerJobEngine engine =
        engine(
            execution -> {
              execution.stepRunning(0);
              inFirstStep.countDown();
              awaitLatch(shuttingDown);
              execution.stepEnded(0, StepState.DONE, Map.of(), null);
              execution.stepRunning(1);
              execution.end(JobState.FAILED, null);
            });
    Job job = submit(engine);
    assertThat(inFirstStep.await(20, TimeUnit.SECONDS)).isTrue();

    Thread stopper = new Thread(engine::stop);
    stopper.start();
    await().atMost(SOON).until(engine::stopping);
    shuttingDown.countDown();
    stopper.join();

    Job handedOver = store.find(job.id()).orElseThrow();
    assertThat(handedOver.state()).isEqualTo(JobState.RUNNING);
    assertThat(handedOver.steps())
        .extracting(JobStep::state)
        .containsExactly(StepState.DONE, StepState.PENDING);
    engine(execution -> execution.end(JobState.SUCCEEDED, null));
    assertThat(awaitEnd(job).state()).isEqualTo(JobState.SUCCEEDED);
  }

  @Test
  void aCancelledJobIsSeenByItsHandler() {
    DbSchedulerJobEngine engine =
        engine(
            execution -> {
              execution.stepRunning(0);
              await().atMost(SOON).until(execution::cancelRequested);
              execution.end(JobState.CANCELLED, null);
            });
    Job job = submit(engine);
    await()
        .atMost(SOON)
        .until(() -> store.find(job.id()).orElseThrow().state() == JobState.RUNNING);

    assertThat(engine.cancel(job.id(), "operator", true).state()).isEqualTo(JobState.CANCELLING);

    assertThat(awaitEnd(job).state()).isEqualTo(JobState.CANCELLED);
  }

  @Test
  void stepsThatWaitForATimeLeaveTheThreadsToOthersAndRunAgainAfterIt() {
    AtomicBoolean over = new AtomicBoolean();
    DbSchedulerJobEngine engine =
        engine(
            execution -> {
              execution.stepRunning(0);
              Map<String, Object> observed = execution.job().steps().get(0).observed();
              if (execution.job().request().containsKey("quick") || over.get()) {
                execution.stepEnded(0, StepState.DONE, observed, null);
                execution.end(JobState.SUCCEEDED, null);
              } else {
                execution.runAgain(0, Map.of("seen", 1), Duration.ofMillis(500));
              }
            });
    // more than run at a time
    List<Job> waiting = Stream.generate(() -> submit(engine)).limit(12).toList();
    await().atMost(SOON).until(() -> waiting.stream().allMatch(this::isParked));

    UUID server = DATABASE.insertServer().id();
    Job quick =
        engine.submit(
            new JobDraft("test", Map.of("quick", true), steps(), List.of(server)),
            Requester.of("somebody"));

    assertThat(awaitEnd(quick).state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(waiting).allMatch(job -> !store.find(job.id()).orElseThrow().state().ended());
    over.set(true);
    for (Job job : waiting) {
      Job ended = awaitEnd(job);
      assertThat(ended.state()).isEqualTo(JobState.SUCCEEDED);
      assertThat(ended.steps().get(0).observed()).containsEntry("seen", 1);
      assertThat(store.events(job.id(), 0, 100))
          .extracting(event -> event.data().get("state"))
          .as("going on at its time is no news")
          .containsExactly("PENDING", "RUNNING", "RUNNING", "DONE", "SUCCEEDED");
    }
  }

  @Test
  void whoeverWaitsForATimeGoesOnAtItsTimeThoughTheReplicaIsAnotherAndAtOnceWhenCancelled() {
    DbSchedulerJobEngine first =
        engine(
            execution -> {
              execution.stepRunning(0);
              execution.runAgain(0, Map.of("seen", 1), Duration.ofHours(1));
            });
    Job cancelled = submit(first);
    Job waiting = submit(first);
    await().atMost(SOON).until(() -> isParked(cancelled) && isParked(waiting));
    first.stop();
    Queue<String> ran = new ConcurrentLinkedQueue<>();
    DbSchedulerJobEngine second =
        engine(
            execution -> {
              ran.add(execution.job().state() + " " + execution.job().steps().get(0).observed());
              execution.end(
                  execution.cancelRequested() ? JobState.CANCELLED : JobState.SUCCEEDED, null);
            });

    second.cancel(cancelled.id(), "operator", true);

    assertThat(awaitEnd(cancelled).state()).isEqualTo(JobState.CANCELLED);
    assertThat(ran).containsExactly("CANCELLING {seen=1}");
    assertThat(store.find(waiting.id()).orElseThrow().state()).isEqualTo(JobState.RUNNING);
    DATABASE
        .jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "update job_step set resume_at = now() where job_id = ? and position = 0",
                    waiting.id()));
    assertThat(awaitEnd(waiting).state()).isEqualTo(JobState.SUCCEEDED);
  }

  @Test
  void aPausedJobIsLeftAloneUntilSomebodyResumesItAndEndsAtOnceWhenCancelled() {
    Queue<String> ran = new ConcurrentLinkedQueue<>();
    DbSchedulerJobEngine engine =
        engine(
            execution -> {
              ran.add(execution.job().state().name());
              if (execution.pauses()) {
                return;
              }
              if (execution.cancelRequested()) {
                execution.end(JobState.CANCELLED, null);
                return;
              }
              execution.stepRunning(0);
              if (execution.job().steps().get(0).observed().isEmpty()) {
                execution.runAgain(0, Map.of("seen", 1), Duration.ofMillis(200));
              } else {
                execution.end(JobState.SUCCEEDED, null);
              }
            });
    Job resumed = pausedWhenParked(engine);
    Job cancelled = pausedWhenParked(engine);
    Job other = submit(engine);
    assertThat(awaitEnd(other).state()).as("after the time of both").isEqualTo(JobState.SUCCEEDED);
    ran.clear();

    engine.resume(resumed.id(), "ann");
    assertThat(awaitEnd(resumed).state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(store.find(cancelled.id()).orElseThrow().state()).isEqualTo(JobState.PAUSED);
    engine.cancel(cancelled.id(), "ann", true);
    assertThat(awaitEnd(cancelled).state()).isEqualTo(JobState.CANCELLED);
    assertThat(ran).containsExactly("RUNNING", "CANCELLING");
  }

  private Job pausedWhenParked(DbSchedulerJobEngine engine) {
    Job job = submit(engine);
    await().atMost(SOON).until(() -> isParked(job));
    Job paused = engine.pause(job.id(), "ann");
    assertThat(paused.state()).isEqualTo(JobState.PAUSED);
    return paused;
  }

  private boolean isParked(Job job) {
    return store.waits(job.id()).filter(left -> !left.isZero()).isPresent()
        || store.find(job.id()).orElseThrow().steps().get(0).observed().containsKey("seen");
  }

  @Test
  void aKindThatNobodyRunsIsNotAccepted() {
    DbSchedulerJobEngine engine = engine(execution -> {});

    assertThatThrownBy(
            () ->
                engine.submit(
                    new JobDraft("other", Map.of(), steps(), List.of()), Requester.of("somebody")))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private static void awaitLatch(CountDownLatch latch) {
    try {
      assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private DbSchedulerJobEngine engine(Consumer<JobExecution> run) {
    JobHandler handler =
        new JobHandler() {
          @Override
          public String kind() {
            return "test";
          }

          @Override
          public void run(JobExecution execution) {
            run.accept(execution);
          }
        };
    DbSchedulerJobEngine engine =
        new DbSchedulerJobEngine(DATABASE.dataSource(), store, List.of(handler));
    engine.start();
    engines.add(engine);
    return engine;
  }

  private static Job submit(DbSchedulerJobEngine engine) {
    UUID server = DATABASE.insertServer().id();
    return engine.submit(
        new JobDraft("test", Map.of(), steps(), List.of(server)), Requester.of("somebody"));
  }

  private static List<JobStep> steps() {
    return List.of(step(0), step(1));
  }

  private static JobStep step(int position) {
    return new JobStep(
        position, "server", "TEST", "Does it", StepState.PENDING, Map.of(), null, null, null);
  }

  private Job awaitEnd(Job job) {
    return await()
        .atMost(SOON)
        .until(() -> store.find(job.id()).orElseThrow(), found -> found.state().ended());
  }

  private static int scheduled(Job job) {
    return DATABASE
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .select(
                        "select count(*) from scheduled_tasks where task_instance = ?",
                        job.id().toString())
                    .mapTo(Integer.class)
                    .one());
  }
}
