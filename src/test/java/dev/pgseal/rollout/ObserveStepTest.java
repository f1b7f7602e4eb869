package dev.pgseal.rollout;

import static dev.pgseal.rollout.RolloutRequestBuilder.rollout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import dev.pgseal.job.Job;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.MemoryExecution;
import dev.pgseal.job.StepState;
import dev.pgseal.postgres.SessionExclusions;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.TlsMode;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.ReconnectingClient;
import dev.pgseal.tls.SslState;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Clients that are found before they are refused, and those that are let alone. */
class ObserveStepTest {

  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Observation SHORT =
      new Observation(Duration.ofMillis(1500), Duration.ofSeconds(4), null);

  private final RolloutFixture rollouts = new RolloutFixture();

  @AfterEach
  void close() {
    rollouts.close();
  }

  static Stream<Integer> oldestAndNewest() {
    return PostgresMajors.Provider.tested().stream()
        .filter(m -> m == PostgresMajors.OLDEST || m == PostgresServer.latestMajor());
  }

  /** Sessions that still authenticate are seen since PostgreSQL 18. */
  @ParameterizedTest(name = "PostgreSQL {0}")
  @MethodSource("oldestAndNewest")
  void whoInsistsOnPlaintextIsNamedAndTheRolloutWaitsBeforeAnybodyIsRefused(int major)
      throws SQLException {
    try (PostgresServer postgres = quick(major);
        ReconnectingClient stubborn = new ReconnectingClient(postgres, "stubborn", "disable");
        ReconnectingClient pool = new ReconnectingClient(postgres, "pool", "prefer");
        Connection gone = client(postgres, "gone");
        Connection busy = inTransaction(postgres, "busy")) {
      rollouts.tls.register("orders", postgres);
      await().atMost(PATIENCE).until(() -> stubborn.sessions() > 0 && pool.sessions() > 0);
      MemoryExecution execution = execution(SHORT, null, Duration.ofSeconds(30));

      Job waiting = execution.runToTheEnd(rollouts.handler);

      assertThat(waiting.state()).as(text(waiting)).isEqualTo(JobState.AWAITING_APPROVAL);
      assertThat(clients(waiting))
          .extracting("username", "applicationName", "clientAddress", "verdict")
          .containsExactlyInAnyOrder(
              tuple("postgres", "stubborn", "127.0.0.1", "PLAINTEXT_BY_CHOICE"),
              tuple("postgres", "pool", "127.0.0.1", "STALE"),
              tuple("postgres", "gone", "127.0.0.1", "GONE"),
              tuple("postgres", "busy", "127.0.0.1", "BUSY"));
      assertThat(clients(waiting))
          .filteredOn(told -> !told.get("applicationName").equals("busy"))
          .extracting("recycled")
          .as("each once, though one comes back as it was")
          .containsOnly(1);
      assertThat(postgres.hba()).isEqualTo(PostgresServer.DEFAULT_HBA);
      assertThat(stubborn.refusals()).isZero();
      assertThat(gone.isValid(5)).isFalse();
      run(busy, "SELECT 1");
      busy.commit();

      execution.proceed("bob");
      Job job = execution.runToTheEnd(rollouts.handler);

      assertThat(job.state()).as(text(job)).isEqualTo(JobState.SUCCEEDED);
      assertThat(step(job, "OBSERVE_SESSIONS").observed())
          .containsEntry("approvedBy", "bob")
          .containsEntry("outcome", "accepted")
          .doesNotContainKey("waitsFor");
      await().atMost(PATIENCE).until(() -> stubborn.refusals() > 0);
      assertThat(rollouts.tls.state("orders").mode()).isEqualTo(SslState.Mode.ENFORCED);
    }
  }

  @Test
  void asAskedTheRolloutGoesBackInstead() {
    try (PostgresServer postgres = quick(PostgresServer.latestMajor());
        ReconnectingClient stubborn = new ReconnectingClient(postgres, "stubborn", "disable")) {
      rollouts.tls.register("orders", postgres);
      await().atMost(PATIENCE).until(() -> stubborn.sessions() > 0);

      Job job =
          execution(
                  new Observation(
                      Duration.ofMillis(500), Duration.ofSeconds(2), Observation.OnPlaintext.FAIL),
                  null,
                  Duration.ZERO)
              .runToTheEnd(rollouts.handler);

      assertThat(job.state()).as(text(job)).isEqualTo(JobState.ROLLED_BACK);
      assertThat(job.problem().type()).isEqualTo(ProblemType.LOCKOUT_RISK);
      assertThat(job.problem().detail()).contains("postgres (stubborn) from 127.0.0.1");
      assertThat(job.problem().members()).containsKeys("clients", "hint");
      assertThat(stubborn.refusals()).isZero();
      assertThat(postgres.hba()).isEqualTo(PostgresServer.DEFAULT_HBA);
      assertThat(rollouts.tls.state("orders").mode()).isEqualTo(SslState.Mode.OFF);
    }
  }

  /** Killed at every checkpoint, and nobody is ended twice. */
  @ParameterizedTest
  @EnumSource
  void asAskedTheRolloutGoesOnAndSaysWhoIsRefused(MemoryExecution.Kill kill) {
    try (PostgresServer postgres = quick(PostgresServer.latestMajor());
        ReconnectingClient stubborn = new ReconnectingClient(postgres, "stubborn", "disable")) {
      rollouts.tls.register("orders", postgres);
      await().atMost(PATIENCE).until(() -> stubborn.sessions() > 0);
      int before = stubborn.sessions();

      Job job =
          rollouts
              .execution(
                  request(
                      new Observation(
                          Duration.ofMillis(500),
                          Duration.ofSeconds(2),
                          Observation.OnPlaintext.PASS),
                      null,
                      Duration.ZERO),
                  kill)
              .runToTheEnd(rollouts.handler);

      assertThat(job.state()).as(text(job)).isEqualTo(JobState.SUCCEEDED);
      assertThat(clients(job))
          .extracting("applicationName", "verdict")
          .containsExactly(tuple("stubborn", "PLAINTEXT_BY_CHOICE"));
      assertThat(stubborn.sessions() - before).as("came back").isEqualTo(1);
      assertThat(step(job, "PROVE_ENFORCED").observed()).containsEntry("plaintextSessions", 0L);
    }
  }

  @Test
  void whereNobodyIsInPlaintextNothingIsWaitedFor() throws SQLException {
    try (PostgresServer postgres = quick(PostgresServer.latestMajor())) {
      rollouts.tls.register("orders", postgres);
      rollouts.tls.serveTls(rollouts.tls.access.require("orders"));
      try (ReconnectingClient modern = new ReconnectingClient(postgres, "modern", "require")) {
        await().atMost(PATIENCE).until(() -> modern.sessions() > 0);

        Job job = execution(null, null, Duration.ZERO).runToTheEnd(rollouts.handler);

        assertThat(job.state()).as(text(job)).isEqualTo(JobState.SUCCEEDED);
        assertThat(step(job, "OBSERVE_SESSIONS").observed())
            .containsEntry("looks", 1)
            .containsEntry("clients", List.of());
        assertThat(step(job, "DRAIN").state()).isEqualTo(StepState.SKIPPED);
        assertThat(modern.sessions()).isEqualTo(1);
      }
    }
  }

  @Test
  void excludedSessionsAreLeftAndNamedUpToTheProof() throws SQLException {
    try (PostgresServer postgres = quick(PostgresServer.latestMajor());
        Connection excluded = client(postgres, "nightly");
        Connection other = client(postgres, "other")) {
      rollouts.tls.register("orders", postgres);

      Job job =
          execution(SHORT, new SessionExclusions(null, List.of("nightly"), null), Duration.ZERO)
              .runToTheEnd(rollouts.handler);

      assertThat(job.state()).as(text(job)).isEqualTo(JobState.SUCCEEDED);
      assertThat(excluded.isValid(5)).isTrue();
      assertThat(other.isValid(5)).isFalse();
      assertThat(clients(job)).extracting("applicationName").containsExactly("other");
      for (String kind : List.of("OBSERVE_SESSIONS", "DRAIN", "PROVE_ENFORCED")) {
        assertThat(step(job, kind).observed())
            .as(kind)
            .containsEntry(
                "excluded",
                List.of(
                    Map.of(
                        "username", "postgres",
                        "applicationName", "nightly",
                        "clientAddress", "127.0.0.1",
                        "sessions", 1L)));
      }
      assertThat(step(job, "PROVE_ENFORCED").observed())
          .containsEntry("plaintextSessions", 1L)
          .containsKeys("provedAt", "remark");
    }
  }

  @Test
  void aTransactionThatEndsWithinTheGraceIsNotCutAndOneThatDoesNotIsAdvisedOf() throws Exception {
    try (PostgresServer postgres = quick(PostgresServer.latestMajor());
        Connection patient = inTransaction(postgres, "patient");
        Connection endless = inTransaction(postgres, "endless")) {
      rollouts.tls.register("orders", postgres);
      postgres.execute("CREATE TABLE kept (n int)");
      MemoryExecution execution =
          execution(
              new Observation(null, Duration.ofSeconds(1), Observation.OnPlaintext.PASS),
              null,
              Duration.ofSeconds(8));
      CompletableFuture<Job> rollout =
          CompletableFuture.supplyAsync(() -> execution.runToTheEnd(rollouts.handler));
      await()
          .atMost(PATIENCE)
          .until(() -> step(execution.job(), "DRAIN").state() == StepState.RUNNING);

      run(patient, "INSERT INTO kept VALUES (1)");
      patient.commit();

      Job job = rollout.get(60, TimeUnit.SECONDS);
      assertThat(job.state()).as(text(job)).isEqualTo(JobState.SUCCEEDED);
      assertThat(postgres.query("SELECT count(*) FROM kept")).isEqualTo("1");
      Map<String, Object> drained = step(job, "DRAIN").observed();
      assertThat(drained).containsEntry("ended", 2).doesNotContainKey("graceEndsAt");
      assertThat(execution.notes())
          .filteredOn(note -> note.startsWith("transactions are waited for"))
          .as("told once, though the grace takes several rounds")
          .singleElement()
          .asString()
          .contains("endless");
      assertThat((List<?>) drained.get("endedInsideTransaction"))
          .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.list(Map.class))
          .extracting("applicationName", "username", "clientAddress", "result")
          .containsExactly(tuple("endless", "postgres", "127.0.0.1", "TERMINATED"));
      assertThat(drained.get("endedInsideTransaction").toString())
          .contains("transactionAge=PT", "pid=", "57P01");
    }
  }

  @Test
  void aLogicalWalsenderIsEndedOnceAndItsSubscriberIsToldWhatToChange() throws SQLException {
    try (PostgresServer postgres =
            PostgresServer.latest()
                .setting("wal_level", "logical")
                .authenticationTimeout(Duration.ofSeconds(2))
                .start();
        Connection walsender = logical(postgres)) {
      rollouts.tls.register("orders", postgres);
      MemoryExecution execution = execution(SHORT, null, Duration.ZERO);

      Job job = execution.runToTheEnd(rollouts.handler);

      assertThat(job.state()).as(text(job)).isEqualTo(JobState.SUCCEEDED);
      assertThat(walsender.isValid(5)).isFalse();
      assertThat(clients(job))
          .extracting("applicationName", "verdict", "recycled")
          .containsExactly(tuple("subscription", "GONE", 1));
      assertThat(execution.notes().toString()).contains("subscription");
    }
  }

  private MemoryExecution execution(
      @Nullable Observation observe, @Nullable SessionExclusions exclude, Duration grace) {
    return rollouts.execution(request(observe, exclude, grace), MemoryExecution.Kill.NEVER);
  }

  private static RolloutRequest request(
      @Nullable Observation observe, @Nullable SessionExclusions exclude, Duration grace) {
    return rollout(TlsMode.ENFORCED, "orders")
        .certificate(RolloutRequest.CertificateSource.SELF_SIGNED)
        .validity(Duration.ofDays(30))
        .grace(grace)
        .observe(observe)
        .exclude(exclude)
        .build();
  }

  private static PostgresServer quick(int major) {
    return PostgresServer.builder(major).authenticationTimeout(Duration.ofSeconds(2)).start();
  }

  private static Connection client(PostgresServer postgres, String name) throws SQLException {
    return postgres.connect(
        PostgresServer.SUPERUSER,
        Map.of("password", PostgresServer.PASSWORD, "sslmode", "disable", "ApplicationName", name));
  }

  private static Connection inTransaction(PostgresServer postgres, String name)
      throws SQLException {
    Connection connection = client(postgres, name);
    connection.setAutoCommit(false);
    run(connection, "SELECT 1");
    return connection;
  }

  private static Connection logical(PostgresServer postgres) throws SQLException {
    Map<String, String> replication = new HashMap<>();
    replication.put("password", PostgresServer.PASSWORD);
    replication.put("sslmode", "disable");
    replication.put("replication", "database");
    replication.put("preferQueryMode", "simple");
    replication.put("assumeMinServerVersion", "14");
    replication.put("ApplicationName", "subscription");
    return postgres.connect(PostgresServer.SUPERUSER, replication);
  }

  private static void run(Connection connection, String sql) throws SQLException {
    try (var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @SuppressWarnings("unchecked")
  private static List<Map<String, Object>> clients(Job job) {
    return (List<Map<String, Object>>) step(job, "OBSERVE_SESSIONS").observed().get("clients");
  }

  private static JobStep step(Job job, String kind) {
    return job.steps().stream().filter(step -> step.kind().equals(kind)).findFirst().orElseThrow();
  }

  private static String text(Job job) {
    StringBuilder text = new StringBuilder(String.valueOf(job.problem()));
    job.steps()
        .forEach(s -> text.append("\n").append(s.kind() + " " + s.state() + " " + s.observed()));
    return text.toString();
  }
}
