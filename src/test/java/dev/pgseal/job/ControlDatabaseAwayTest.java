package dev.pgseal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgseal.store.ControlDatabase;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ControlDatabaseAwayTest {

  @RegisterExtension static final ControlDatabase DATABASE = new ControlDatabase();

  private final JobStore store = DATABASE.jobs();
  private final AtomicInteger runs = new AtomicInteger();

  /** Its restart in the middle of a step is no failure of the step. */
  @Test
  void aJobWhoseStepMeetsAControlDatabaseThatIsAwayGoesOn() {
    DbSchedulerJobEngine engine =
        new DbSchedulerJobEngine(DATABASE.dataSource(), store, List.of(new Handler()));
    engine.start();
    try {
      JobStep step =
          new JobStep(0, "a", "TEST", "a test", StepState.PENDING, Map.of(), null, null, null);
      Job job =
          engine.submit(
              new JobDraft("test", Map.of(), List.of(step), List.of()), Requester.of("somebody"));

      await()
          .atMost(Duration.ofSeconds(20))
          .until(() -> store.find(job.id()).orElseThrow().state() == JobState.SUCCEEDED);
      assertThat(runs).hasValue(2);
    } finally {
      engine.stop();
    }
  }

  private final class Handler implements JobHandler {
    @Override
    public String kind() {
      return "test";
    }

    @Override
    public void run(JobExecution execution) {
      StepRunner.run(
          execution,
          new StepActions() {
            @Override
            public StepResult run(JobStep step) {
              if (runs.incrementAndGet() == 1) {
                throw new IllegalStateException(
                    new SQLException("terminating connection", "57P01"));
              }
              return StepResult.done(Map.of());
            }

            @Override
            public void undo(JobStep step, String undo) {}
          });
    }
  }
}
