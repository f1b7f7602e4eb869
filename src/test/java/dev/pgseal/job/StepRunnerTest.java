package dev.pgseal.job;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgseal.audit.Actor;
import dev.pgseal.audit.Actors;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.jboss.logging.MDC;
import org.junit.jupiter.api.Test;

/** Steps that may run at the same time, on servers named by their first letters. */
class StepRunnerTest {

  private static final Duration SOON = Duration.ofSeconds(20);

  private final List<String> events = Collections.synchronizedList(new ArrayList<>());

  @Test
  void neighboursThatNeedNothingOfEachOtherRunAtTheSameTimeAndTheNextStepAfterAllOfThem() {
    CyclicBarrier both = new CyclicBarrier(2);
    MemoryExecution execution = execution("A one", "A two", "B one");

    Job job =
        run(
            execution,
            step -> {
              events.add("begins " + step.kind());
              if (step.kind().equals("A")) {
                meet(both);
              }
              events.add("ends " + step.kind());
            });

    assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(events)
        .containsExactly("begins A", "begins A", "ends A", "ends A", "begins B", "ends B");
  }

  @Test
  void whenOneFailsItsNeighbourComesToItsEndAndBothAreTakenBack() {
    CountDownLatch failed = new CountDownLatch(1);
    MemoryExecution execution = execution("A one", "A two", "B one");

    Job job =
        run(
            execution,
            step -> {
              execution.recordUndo(step.position(), "back");
              if ("one".equals(step.server())) {
                failed.countDown();
                throw new PgsealException(ProblemType.FILE_NOT_WRITTEN, "No");
              }
              pass(failed);
              events.add("ends " + step.server());
            });

    assertThat(job.state()).isEqualTo(JobState.ROLLED_BACK);
    assertThat(job.problem().members()).containsEntry("server", "one");
    assertThat(events).containsExactly("ends two", "undo two", "undo one");
    assertThat(job.steps())
        .extracting(JobStep::state)
        .containsExactly(StepState.UNDONE, StepState.UNDONE, StepState.PENDING);
  }

  @Test
  void anExecutionThatLostItsJobWaitsForAllItsStepsBeforeItSaysSo() {
    CountDownLatch lost = new CountDownLatch(1);
    MemoryExecution execution = execution("A one", "A two");

    assertThatThrownBy(
            () ->
                StepRunner.run(
                    execution,
                    new Actions(
                        step -> {
                          if ("one".equals(step.server())) {
                            lost.countDown();
                            throw new JobExecution.FencedOffException("taken over");
                          }
                          pass(lost);
                          events.add("ends " + step.server());
                        })))
        .isInstanceOf(JobExecution.FencedOffException.class);

    assertThat(events).containsExactly("ends two");
    assertThat(execution.job().state().ended()).isFalse();
  }

  @Test
  void aShutdownIsHeardByAllAndTheyAreWaitedFor() throws InterruptedException {
    CyclicBarrier all = new CyclicBarrier(3);
    CountDownLatch never = new CountDownLatch(1);
    CountDownLatch cleared = new CountDownLatch(1);
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    MemoryExecution execution = execution("A one", "A two");
    Thread job =
        new Thread(
            () -> {
              try {
                run(
                    execution,
                    step -> {
                      meet(all);
                      try {
                        pass(never);
                      } catch (IllegalStateException e) {
                        Thread.interrupted();
                        events.add("heard");
                        pass(cleared);
                        events.add("cleared away");
                        Thread.currentThread().interrupt();
                        throw e;
                      }
                    });
              } catch (RuntimeException e) {
                events.add("interrupted: " + Thread.currentThread().isInterrupted());
                thrown.set(e);
              }
            });
    job.start();
    meet(all);

    job.interrupt();

    await().atMost(SOON).until(() -> Collections.frequency(events, "heard") == 2);
    assertThat(job.isAlive()).as("nobody goes on while a step works").isTrue();
    cleared.countDown();
    await().atMost(SOON).until(() -> !job.isAlive());
    job.join();
    assertThat(events).endsWith("cleared away", "cleared away", "interrupted: true").hasSize(5);
    assertThat(thrown.get()).hasMessageContaining("shutting down");
    assertThat(execution.job().steps()).extracting(JobStep::state).containsOnly(StepState.RUNNING);
  }

  @Test
  void whatHasNotBegunPausesThoughAStepBesideItWasBrokenOff() {
    MemoryExecution execution = execution("A one", "A two").pauseWhen(job -> true);
    execution.stepRunning(0);

    Job job = run(execution, step -> events.add("runs " + step.server()));

    assertThat(job.state()).isEqualTo(JobState.PAUSED);
    assertThat(events).containsExactly("runs one");
    assertThat(job.steps())
        .extracting(JobStep::state)
        .containsExactly(StepState.DONE, StepState.PENDING);
  }

  @Test
  void whatIsLoggedAndAuditedInAStepNamesItsJob() {
    MDC.put("job", "the job");
    try (Actors.Scope scope = Actors.as(new Actor("the actor", null, null, null))) {
      run(
          execution("A one", "A two"),
          step -> events.add(MDC.get("job") + " by " + Actors.current().name()));
    } finally {
      MDC.remove("job");
    }
    assertThat(events).containsExactly("the job by the actor", "the job by the actor");
  }

  @Test
  void anErrorInOneIsThrownAfterAllHaveEnded() {
    CountDownLatch broken = new CountDownLatch(1);

    assertThatThrownBy(
            () ->
                run(
                    execution("A one", "A two"),
                    step -> {
                      if ("one".equals(step.server())) {
                        broken.countDown();
                        throw new AssertionError("no memory, say");
                      }
                      pass(broken);
                      events.add("ends two");
                    }))
        .isInstanceOf(AssertionError.class);

    assertThat(events).containsExactly("ends two");
  }

  @Test
  void whoCancelsAStepThatWaitsForAServerHasNotMadeItFail() {
    MemoryExecution execution = execution("A one", "B one");
    execution.cancelWhen(job -> job.steps().get(1).state() == StepState.RUNNING).keeping();

    Job job =
        run(
            execution,
            step -> {
              execution.recordUndo(0, "back");
              if (step.kind().equals("B")) {
                throw new PgsealException(ProblemType.OPERATION_IN_PROGRESS, "Somebody has it");
              }
            });

    assertThat(job.state()).isEqualTo(JobState.CANCELLED);
    assertThat(job.problem()).isNull();
    assertThat(events).as("what was done stays, as it was asked for").isEmpty();
  }

  private Job run(MemoryExecution execution, Consumer<JobStep> action) {
    StepRunner.run(execution, new Actions(action));
    return execution.job();
  }

  private final class Actions implements StepActions {
    private final Consumer<JobStep> action;

    private Actions(Consumer<JobStep> action) {
      this.action = action;
    }

    @Override
    public boolean besides(JobStep earlier, JobStep later) {
      return earlier.kind().equals("A") && later.kind().equals("A");
    }

    @Override
    public boolean keeps(JobStep done, List<JobStep> steps) {
      return true;
    }

    @Override
    public StepResult run(JobStep step) {
      action.accept(step);
      return StepResult.done(Map.of());
    }

    @Override
    public void undo(JobStep step, String undo) {
      events.add("undo " + step.server());
    }
  }

  /**
   * @param steps kind and server of each
   */
  private static MemoryExecution execution(String... steps) {
    List<JobStep> all = new ArrayList<>();
    for (String step : steps) {
      String[] words = step.split(" ");
      all.add(
          new JobStep(
              all.size(), words[1], words[0], step, StepState.PENDING, Map.of(), null, null, null));
    }
    Job job =
        new Job(
            UUID.randomUUID(),
            "test",
            JobState.RUNNING,
            Map.of(),
            all,
            null,
            "ann",
            null,
            false,
            null,
            null,
            null,
            Instant.now(),
            Instant.now(),
            null);
    return new MemoryExecution(job, MemoryExecution.Kill.NEVER);
  }

  private static void meet(CyclicBarrier barrier) {
    try {
      barrier.await(SOON.toSeconds(), TimeUnit.SECONDS);
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void pass(CountDownLatch latch) {
    try {
      if (!latch.await(SOON.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("nobody came");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
