package dev.pgseal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.store.ControlDatabase;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.opentelemetry.api.OpenTelemetry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class JobTelemetryTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  @RegisterExtension static final ControlDatabase DATABASE = new ControlDatabase();

  private final JobStore store = DATABASE.jobs();
  private final MeterRegistry registry = new SimpleMeterRegistry();
  private DbSchedulerJobEngine engine;

  @AfterEach
  void stop() {
    engine.stop();
    // an engine of the next test would take up what is left
    DATABASE
        .jdbi()
        .useHandle(handle -> handle.execute("delete from scheduled_tasks; delete from job"));
  }

  @Test
  void aJobThatFailsIsCountedByTheTypeOfItsProblem() {
    start(
        execution -> {
          execution.stepRunning(0);
          execution.stepEnded(0, StepState.FAILED, Map.of(), null);
          throw new PgsealException(ProblemType.SSL_NOT_TAKEN, "no TLS");
        });

    submit();

    await()
        .atMost(SOON)
        .ignoreExceptions()
        .untilAsserted(
            () ->
                assertThat(
                        registry
                            .get("pgseal.job.problems")
                            .tags("kind", "test", "type", "/problems/ssl-not-taken")
                            .counter()
                            .count())
                    .isEqualTo(1));
    assertThat(
            registry
                .get("pgseal.job.step")
                .tags("kind", "test", "step", "TEST", "outcome", "FAILED")
                .timer()
                .count())
        .isEqualTo(1);
    assertThat(registry.get("pgseal.job").tags("outcome", "FAILED").timer().count()).isEqualTo(1);
  }

  @Test
  void aJobThatWaitsForSomebodyIsSeenWaitingUntilTheyCame() {
    start(
        execution -> {
          if (execution.job().steps().get(0).observed().containsKey(JobExecution.APPROVED_BY)) {
            execution.end(JobState.SUCCEEDED, null);
          } else {
            execution.stepRunning(0);
            execution.awaitApproval(0, Map.of());
          }
        });
    Job job = submit();

    await().atMost(SOON).until(() -> store.figures().longestWait().toMillis() > 50);
    assertThat(store.figures().unfinished()).containsEntry(JobState.AWAITING_APPROVAL, 1L);

    engine.proceed(job.id(), "somebody else");

    await().atMost(SOON).until(() -> store.find(job.id()).orElseThrow().state().ended());
    assertThat(store.figures().longestWait()).isZero();
    assertThat(store.figures().unfinished()).doesNotContainKey(JobState.AWAITING_APPROVAL);
  }

  @Test
  void whatNobodyBeginsIsALagOfTheEngine() {
    start(execution -> execution.end(JobState.SUCCEEDED, null));
    engine.stop();

    submit();

    await().atMost(SOON).until(() -> store.figures().lag().toMillis() > 200);
    DATABASE.jdbi().useHandle(handle -> handle.execute("delete from scheduled_tasks"));
    assertThat(store.figures().lag()).isZero();
  }

  private void start(Consumer<JobExecution> run) {
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
    engine =
        new DbSchedulerJobEngine(
            DATABASE.dataSource(),
            store,
            List.of(handler),
            List.of(),
            new JobTelemetry(registry, OpenTelemetry.noop()));
    engine.start();
  }

  private Job submit() {
    UUID server = DATABASE.insertServer().id();
    JobStep step =
        new JobStep(0, "server", "TEST", "Does it", StepState.PENDING, Map.of(), null, null, null);
    return engine.submit(
        new JobDraft("test", Map.of(), List.of(step), List.of(server)), Requester.of("somebody"));
  }
}
