package dev.pgseal.rollout;

import static dev.pgseal.rollout.RolloutRequestBuilder.rollout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgseal.job.Job;
import dev.pgseal.job.JobDraft;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.MemoryExecution;
import dev.pgseal.job.Requester;
import dev.pgseal.job.StepState;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerLocks;
import dev.pgseal.server.TlsMode;
import dev.pgseal.store.ControlDatabase;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.tls.ServerUnderChange;
import dev.pgseal.tls.SslState;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Deadline, maintenance window and repetition of rollouts, on a real server. */
class RolloutControlsTest {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration DEADLINE = Duration.ofSeconds(3);

  @RegisterExtension static final ControlDatabase DATABASE = new ControlDatabase();

  private final PostgresServer postgres =
      PostgresServer.latest().authenticationTimeout(Duration.ofSeconds(1)).start();
  private final RolloutFixture rollouts = new RolloutFixture();

  @BeforeEach
  void register() {
    rollouts.tls.register("orders", postgres);
    rollouts.tls.serveTls(rollouts.tls.access.require("orders"));
  }

  @AfterEach
  void close() {
    rollouts.close();
    postgres.close();
  }

  /** Its backend is ended too: it must not get the lock later and go on. */
  @Test
  void aStepThatWaitsForALockLongerThanItMayIsCutAndEverythingIsTakenBackBesideTheLock()
      throws SQLException {
    AtomicBoolean locked = new AtomicBoolean();
    try (Connection locking = postgres.connect()) {
      locking.setAutoCommit(false);
      Predicate<Job> lock =
          job -> {
            if (state(job, "OBSERVE_SESSIONS") == StepState.DONE && !locked.getAndSet(true)) {
              run(locking, "LOCK TABLE pg_catalog.pg_hba_file_rules IN ACCESS EXCLUSIVE MODE");
            }
            return false;
          };

      Job job =
          rollouts
              .execution(request(DEADLINE, null), MemoryExecution.Kill.NEVER)
              .cancelWhen(lock)
              .runToTheEnd(rollouts.handler);

      assertThat(sessionsOfJobs()).isZero();
      run(locking, "ROLLBACK");
      requireDeadline(job);
    }
  }

  /** As if its host were overloaded, or its disk did not answer. */
  @Test
  void aStepWhoseBackendStandsStillInTheMiddleOfAChangeIsCut() {
    AtomicInteger frozen = new AtomicInteger();
    MemoryExecution execution =
        rollouts.execution(request(DEADLINE, null), MemoryExecution.Kill.NEVER);
    execution
        .beforeChange(
            position -> {
              if (execution.job().steps().get(position).kind().equals("CONVERT_RULES")) {
                frozen.set(backendOfTheJob());
                signal("STOP", frozen.get());
              }
            })
        .cancelWhen(
            job -> {
              if (state(job, "CONVERT_RULES") == StepState.FAILED && frozen.get() > 0) {
                signal("CONT", frozen.getAndSet(0));
              }
              return false;
            });

    Job job = execution.runToTheEnd(rollouts.handler);

    requireDeadline(job);
    assertThat(state(job, "CONVERT_RULES")).isEqualTo(StepState.UNDONE);
  }

  /** Such as the one that brings revocation lists, which reserves no server. */
  @Test
  void aRolloutThatGoesOnWhileAJobOfAnotherKindWorksOnItsServerWaitsForThat() {
    MemoryExecution execution = pausedBeforeTheRules(null);
    ServerLocks.Held lists = lockedByAnotherJob();
    execution.cancelWhen(
        job -> {
          if (execution.notes().toString().contains("held by job/lists")) {
            lists.close();
          }
          return false;
        });

    execution.resume();
    Job job = execution.runToTheEnd(rollouts.handler);

    assertThat(execution.notes())
        .filteredOn(note -> note.startsWith("the server is waited for"))
        .hasSize(1);
    assertThat(job.state()).as(text(job)).isEqualTo(JobState.SUCCEEDED);
    assertThat(rollouts.tls.state("orders").mode()).isEqualTo(SslState.Mode.ENFORCED);
  }

  @Test
  void whatARolloutWaitedForUntilItsDeadlineIsNamed() {
    MemoryExecution execution = pausedBeforeTheRules(Duration.ofSeconds(1));
    ServerLocks.Held lists = lockedByAnotherJob();
    execution.cancelWhen(
        job -> {
          if (state(job, "CONVERT_RULES") == StepState.FAILED) {
            lists.close();
          }
          return false;
        });

    execution.resume();
    Job job = execution.runToTheEnd(rollouts.handler);

    assertThat(job.state()).as(text(job)).isEqualTo(JobState.ROLLED_BACK);
    assertThat(job.problem().type()).isEqualTo(ProblemType.STEP_DEADLINE);
    assertThat(job.problem().members()).containsEntry("reason", "held by job/lists");
    assertThat(rollouts.tls.state("orders").mode()).isEqualTo(SslState.Mode.OFFERED);
  }

  private MemoryExecution pausedBeforeTheRules(@Nullable Duration deadline) {
    MemoryExecution execution =
        rollouts
            .execution(request(deadline, null), MemoryExecution.Kill.NEVER)
            .pauseWhen(job -> state(job, "OBSERVE_SESSIONS") == StepState.DONE);
    assertThat(execution.runToTheEnd(rollouts.handler).state()).isEqualTo(JobState.PAUSED);
    return execution;
  }

  private ServerLocks.Held lockedByAnotherJob() {
    return rollouts.tls.stores.locks.acquire(
        rollouts.tls.access.require("orders").id(), "job/lists", "revocation-list");
  }

  private void requireDeadline(Job job) {
    assertThat(job.state()).as(text(job)).isEqualTo(JobState.ROLLED_BACK);
    assertThat(job.problem().type()).isEqualTo(ProblemType.STEP_DEADLINE);
    Instant due = step(job, "CONVERT_RULES").startedAt().plus(DEADLINE);
    assertThat(Duration.between(due, job.finishedAt()))
        .as("sooner than a silent session is given up")
        .isLessThan(Duration.ofSeconds(20));
    assertThat(job.problem().detail()).contains("of orders", "within PT3S");
    assertThat(job.problem().members())
        .containsEntry("server", "orders")
        .containsEntry("deadline", "PT3S")
        .containsKeys("step", "reason", "hint");
    assertThat(rollouts.tls.state("orders").mode()).isEqualTo(SslState.Mode.OFFERED);
    assertThat(postgres.query("SHOW ssl_min_protocol_version")).isEqualTo("TLSv1.2");
    assertThat(postgres.hba()).isEqualTo(PostgresServer.DEFAULT_HBA);
    assertThat(sessionsOfJobs()).isZero();
  }

  @Test
  void beforeItsWindowARolloutHasCheckedAndWaitsWithoutHoldingAnything() {
    MemoryExecution execution =
        rollouts.execution(request(null, window(3, 3600)), MemoryExecution.Kill.NEVER);
    CompletableFuture<Job> ended =
        CompletableFuture.supplyAsync(() -> execution.runToTheEnd(rollouts.handler));
    await()
        .atMost(SOON)
        .until(() -> step(execution.job(), "WINDOW").observed().containsKey("waitsUntil"));
    assertThat(state(execution.job(), "PREFLIGHT")).isEqualTo(StepState.DONE);
    assertThat(sessionsOfJobs()).isZero();
    assertThat(execution.desiredMode()).isNull();

    Job job = ended.join();

    assertThat(job.state()).as(text(job)).isEqualTo(JobState.SUCCEEDED);
    assertThat(execution.desiredMode()).isEqualTo("ENFORCED");
    JobStep window = step(job, "WINDOW");
    assertThat(window.observed()).containsOnlyKeys("openedAt");
    assertThat(job.steps())
        .extracting(JobStep::kind)
        .startsWith("PREFLIGHT", "WINDOW", "PREFLIGHT", "ENABLE_SSL");
    assertThat(job.steps().get(2).startedAt()).isAfterOrEqualTo(window.finishedAt());
    assertThat(rollouts.tls.state("orders").mode()).isEqualTo(SslState.Mode.ENFORCED);
  }

  @Test
  void whoWaitsForItsWindowCanBeCancelled() {
    MemoryExecution execution =
        rollouts.execution(request(null, window(3600, 7200)), MemoryExecution.Kill.NEVER);
    execution.cancelWhen(job -> step(job, "WINDOW").observed().containsKey("waitsUntil"));

    Job job = execution.runToTheEnd(rollouts.handler);

    assertThat(job.state()).as(text(job)).isEqualTo(JobState.CANCELLED);
    assertThat(rollouts.tls.state("orders").mode()).isEqualTo(SslState.Mode.OFFERED);
  }

  @Test
  void aRolloutThatDidNotSucceedIsAskedForAgainAsItWas() {
    RolloutRequest asked = request(DEADLINE, window(3600, 7200));
    Job first = stored(asked, "rollout");
    end(first, JobState.ROLLED_BACK);
    RolloutRetry retry = retry();

    Job again = retry.retry(first.id(), retry.request(first.id()), Requester.of("bob"));

    assertThat(again.id()).isNotEqualTo(first.id());
    assertThat(again.retryOf()).isEqualTo(first.id());
    assertThat(again.requestedBy()).isEqualTo("bob");
    assertThat(rollouts.json.convertValue(again.request(), StoredRollout.class).request())
        .isEqualTo(asked);
    assertThat(first.retryOf()).isNull();
  }

  @Test
  void whatHasNotEndedHasSucceededOrIsNoRolloutIsNotAskedForAgain() {
    RolloutRetry retry = retry();
    Job running = stored(request(null, null), "rollout");
    assertConflict(retry, running, "has not ended: PENDING");
    end(running, JobState.SUCCEEDED);
    assertConflict(retry, running, "has succeeded");
    Job rotation = stored(request(null, null), "rotation");
    end(rotation, JobState.FAILED);
    assertConflict(retry, rotation, "is no rollout: rotation");
  }

  /** Each needs a person; the others of the fleet can be repeated once it is dealt with. */
  @Test
  void aFleetIsNotAskedForAgainWhileOneOfItsClustersIsLeftHalfWay() {
    Job planned = rollouts.service.start(request(null, null), Requester.of("ann"));
    List<UUID> servers = List.of(DATABASE.insertServer().id());
    JobDraft draft = new JobDraft("rollout", planned.request(), planned.steps(), servers);
    Job fleet =
        DATABASE
            .jobs()
            .insert(
                new JobDraft("fleet", Map.of(), planned.steps().subList(0, 1), servers),
                new TreeMap<>(Map.of(0, draft)),
                Requester.of("ann"));
    UUID child = DATABASE.childJobs().of(fleet.id()).get(0).id();
    JobExecution execution =
        DATABASE.jobs().execution(child, DATABASE.jobs().claim(child).orElseThrow());
    execution.recordUndo(1, "{}");
    execution.stepEnded(1, StepState.UNDO_FAILED, Map.of(), null);
    execution.end(JobState.FAILED, null);
    end(fleet, JobState.FAILED);

    assertThatThrownBy(() -> retry().retry(fleet.id(), request(null, null), Requester.of("ann")))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> assertThat(e.members()).containsEntry("servers", List.of("orders")))
        .hasMessageContaining("left servers half way");
  }

  private static void assertConflict(RolloutRetry retry, Job job, String words) {
    assertThatThrownBy(() -> retry.request(job.id()))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> {
              assertThat(e.type()).isEqualTo(ProblemType.ILLEGAL_STATE);
              assertThat(e.members()).containsKey("hint");
            })
        .hasMessageContaining(words);
  }

  private RolloutRetry retry() {
    return rollouts.retry(DATABASE.jobs(), DATABASE.childJobs());
  }

  private Job stored(RolloutRequest request, String kind) {
    Job planned = rollouts.service.start(request, Requester.of("ann"));
    return DATABASE
        .jobs()
        .insert(
            new JobDraft(
                kind, planned.request(), planned.steps(), List.of(DATABASE.insertServer().id())),
            Requester.of("ann"));
  }

  /** It had done its last step there; its successor has nothing to do but to end the job. */
  @Test
  void theEndOfAJobFreesTheServersThatAFrozenReplicaHolds() {
    Job job = stored(request(null, null), "rollout");
    JobExecution frozen = claim(job);
    job.steps().forEach(step -> frozen.stepEnded(step.position(), StepState.DONE, Map.of(), null));
    ManagedServer orders = rollouts.tls.access.require("orders");
    String owner = "job/" + job.id();
    try (ServerUnderChange held =
            rollouts.tls.access.openForChange(orders, owner, frozen::fence, "rollout");
        PostgresSession ofAnotherJob = rollouts.tls.access.fresh(orders)) {
      ofAnotherJob.execute(
          "SELECT set_config('application_name', ?, false)", "pgseal job/another #1");

      rollouts.handler.run(claim(job));

      assertThat(DATABASE.jobs().find(job.id()).orElseThrow().state())
          .isEqualTo(JobState.SUCCEEDED);
      assertThat(held.session().isUsable()).isFalse();
      assertThat(ofAnotherJob.isUsable()).isTrue();
    }
    rollouts.tls.access.openForChange(orders, "request/1", "PUT ssl").close();
  }

  private static JobExecution claim(Job job) {
    return DATABASE.jobs().execution(job.id(), DATABASE.jobs().claim(job.id()).orElseThrow());
  }

  private static void end(Job job, JobState state) {
    DATABASE
        .jobs()
        .execution(job.id(), DATABASE.jobs().claim(job.id()).orElseThrow())
        .end(state, null);
  }

  private int backendOfTheJob() {
    return Integer.parseInt(
        String.valueOf(
            postgres.query(
                "SELECT pid FROM pg_stat_activity WHERE application_name LIKE 'pgseal job/%'")));
  }

  private static void signal(String signal, int pid) {
    try {
      assertThat(new ProcessBuilder("kill", "-" + signal, "" + pid).start().waitFor()).isZero();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private int sessionsOfJobs() {
    return Integer.parseInt(
        String.valueOf(
            postgres.query(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pgseal job/%'")));
  }

  private static void run(Connection connection, String sql) {
    try {
      connection.createStatement().execute(sql);
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Open from so many seconds from now on until then. */
  private static MaintenanceWindow window(long opensIn, long closesIn) {
    LocalTime now = LocalTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.SECONDS);
    return new MaintenanceWindow(now.plusSeconds(opensIn), now.plusSeconds(closesIn), null, null);
  }

  private static RolloutRequest request(
      @Nullable Duration deadline, @Nullable MaintenanceWindow window) {
    return rollout(TlsMode.ENFORCED, "orders")
        .certificate(RolloutRequest.CertificateSource.PRESENT)
        .minProtocolVersion("TLSv1.3")
        .grace(Duration.ZERO)
        .observe(new Observation(Duration.ZERO, null, null))
        .stepDeadline(deadline)
        .window(window)
        .build();
  }

  private static JobStep step(Job job, String kind) {
    return job.steps().stream().filter(step -> step.kind().equals(kind)).findFirst().orElseThrow();
  }

  private static StepState state(Job job, String kind) {
    return step(job, kind).state();
  }

  private static String text(Job job) {
    StringBuilder text = new StringBuilder(String.valueOf(job.problem()));
    job.steps()
        .forEach(
            s ->
                text.append("\n")
                    .append(s.kind() + " " + s.server() + " " + s.state() + " ")
                    .append(s.problem()));
    return text.toString();
  }
}
