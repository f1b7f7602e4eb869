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
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
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
    Job job = store.insert("test", Map.of(), steps(), List.of(), Requester.of("somebody"));
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

    assertThat(engine.cancel(job.id(), "operator").state()).isEqualTo(JobState.CANCELLING);

    assertThat(awaitEnd(job).state()).isEqualTo(JobState.CANCELLED);
  }

  @Test
  void aKindThatNobodyRunsIsNotAccepted() {
    DbSchedulerJobEngine engine = engine(execution -> {});

    assertThatThrownBy(
            () -> engine.submit("other", Map.of(), steps(), List.of(), Requester.of("somebody")))
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
    return engine.submit("test", Map.of(), steps(), List.of(server), Requester.of("somebody"));
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
