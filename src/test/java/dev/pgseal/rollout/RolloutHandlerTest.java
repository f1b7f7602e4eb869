package dev.pgseal.rollout;

import static dev.pgseal.rollout.RolloutRequestBuilder.rollout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.embedded.DirectoryTree;
import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.MemoryExecution;
import dev.pgseal.job.StepState;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.TlsMode;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.tls.Exemption;
import dev.pgseal.tls.SslState;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Rollouts over a real primary with a real standby. */
class RolloutHandlerTest {

  private static final int LATEST = PostgresServer.latestMajor();
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Map<Integer, Pair> PAIRS = new ConcurrentHashMap<>();

  private final RolloutFixture rollouts = new RolloutFixture();

  @AfterEach
  void close() {
    rollouts.close();
  }

  @AfterAll
  static void stopPairs() {
    PAIRS.values().forEach(Pair::close);
    PAIRS.clear();
  }

  static Stream<Integer> majors() {
    return PostgresMajors.Provider.tested().stream().filter(m -> m == 15 || m == LATEST);
  }

  @ParameterizedTest(name = "PostgreSQL {0}")
  @MethodSource("majors")
  void aPrimaryAndItsStandbyGoUpToEnforcedToOfferedAndDownToTheBytesTheyBeganWith(int major)
      throws SQLException {
    Pair pair = pair(major);
    rollouts.tls.authorities.create("corp", AuthorityProfile.of("Corp CA"));
    try (Connection plaintext = pair.primary.connect("postgres", secret(), "disable")) {
      assertThat(plaintext.isValid(5)).isTrue();

      Job up = run(up("corp"));

      assertSucceeded(up);
      assertThat(plaintext.isValid(5)).as("the plaintext session").isFalse();
    }
    assertModes(SslState.Mode.ENFORCED);
    assertThat(pair.streamIsTls()).isTrue();
    assertThat(observed(up2("corp"), "INSTALL_CERTIFICATE")).isEqualTo(StepState.SKIPPED);

    assertSucceeded(run(pair(TlsMode.OFFERED).authority("corp").build()));
    assertModes(SslState.Mode.OFFERED);
    assertThat(pair.primary.hba()).isEqualTo(PostgresServer.DEFAULT_HBA);

    assertSucceeded(run(pair(TlsMode.DISABLED).build()));
    assertModes(SslState.Mode.OFF);
    assertThat(pair.primary.hba()).isEqualTo(PostgresServer.DEFAULT_HBA);
    assertThat(pair.standby.hba()).isEqualTo(PostgresServer.DEFAULT_HBA);
    pair.primary.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_replication");
    await().atMost(PATIENCE).until(pair::streamIsPlaintext);
    assertThat(pair.standby.query("SHOW primary_conninfo")).isEqualTo(pair.conninfo);
  }

  @ParameterizedTest
  @ValueSource(strings = {"INSTALL_CERTIFICATE", "ENABLE_SSL", "SECURE_REPLICATION", "DRAIN"})
  void aCancelTakesBackWhatWasDone(String last) {
    Pair pair = pair(LATEST);
    Before before = new Before(pair);
    Predicate<Job> reached =
        job ->
            job.steps().stream()
                .filter(step -> step.kind().equals(last))
                .anyMatch(s -> s.state() == StepState.DONE || s.state() == StepState.SKIPPED);

    Job job =
        rollouts
            .execution(up(null), MemoryExecution.Kill.NEVER)
            .cancelWhen(reached)
            .runToTheEnd(rollouts.handler);

    assertThat(job.state()).as(text(job)).isEqualTo(JobState.CANCELLED);
    assertThat(job.problem()).isNull();
    assertThat(job.steps())
        .extracting(JobStep::state)
        .contains(StepState.UNDONE, StepState.PENDING);
    before.isBack();
  }

  @Test
  void aCancelWithoutUndoLeavesEachServerAtTheLastModeThatWasProved() {
    Pair pair = pair(LATEST);
    String rules = pair.primary.hba();

    Job job =
        rollouts
            .execution(up(null), MemoryExecution.Kill.NEVER)
            .keeping()
            .cancelWhen(j -> observed(j, "DRAIN") == StepState.SKIPPED)
            .runToTheEnd(rollouts.handler);

    assertThat(job.state()).as(text(job)).isEqualTo(JobState.CANCELLED);
    assertThat(job.steps())
        .filteredOn(step -> step.state() == StepState.UNDONE)
        .extracting(JobStep::kind)
        .containsOnly("CONVERT_RULES");
    assertModes(SslState.Mode.OFFERED);
    assertThat(pair.primary.hba()).isEqualTo(rules);
    assertThat(
            pair.primary.query("SELECT ssl FROM pg_stat_ssl JOIN pg_stat_replication USING (pid)"))
        .as("the stream stays on TLS")
        .isEqualTo("t");

    assertSucceeded(
        rollouts.execution(up(null), MemoryExecution.Kill.NEVER).runToTheEnd(rollouts.handler));
    assertModes(SslState.Mode.ENFORCED);
  }

  /** The step that waits is marked before the rules are taken back, which takes a while. */
  @Test
  void aCancelWithoutUndoIsStillOneWhenTheReplicaDiesInTheMiddle() {
    pair(LATEST);

    MemoryExecution execution =
        rollouts
            .execution(up(null), MemoryExecution.Kill.AFTER_THE_CHECKPOINT)
            .keeping()
            .cancelWhen(j -> observed(j, "PROVE_ENFORCED") == StepState.RUNNING);
    Job job = execution.runToTheEnd(rollouts.handler);

    assertThat(execution.kills()).isPositive();
    assertThat(job.state()).as(text(job)).isEqualTo(JobState.CANCELLED);
    assertThat(job.problem()).isNull();
    assertModes(SslState.Mode.OFFERED);
  }

  @Test
  void aPausedRolloutStandsStillAndGoesOnFromThere() {
    Pair pair = pair(LATEST);
    MemoryExecution execution =
        rollouts
            .execution(up(null), MemoryExecution.Kill.NEVER)
            .pauseWhen(
                job ->
                    job.steps().stream()
                        .filter(step -> step.kind().equals("ENABLE_SSL"))
                        .allMatch(step -> step.state() == StepState.DONE));

    Job paused = execution.runToTheEnd(rollouts.handler);

    assertThat(paused.state()).as(text(paused)).isEqualTo(JobState.PAUSED);
    assertThat(observed(paused, "SECURE_REPLICATION")).isEqualTo(StepState.PENDING);
    assertModes(SslState.Mode.OFFERED);
    assertThat(sessionsOfJobs(pair.primary)).isZero();
    assertThat(sessionsOfJobs(pair.standby)).isZero();

    execution.resume();

    assertSucceeded(execution.runToTheEnd(rollouts.handler));
    assertModes(SslState.Mode.ENFORCED);
  }

  private static int sessionsOfJobs(PostgresServer server) {
    return Integer.parseInt(
        server.query(
            "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pgseal %'"));
  }

  @Test
  void aPausedRolloutThatIsCancelledTakesBackWhatItDid() {
    Before before = new Before(pair(LATEST));
    MemoryExecution execution =
        rollouts
            .execution(up(null), MemoryExecution.Kill.NEVER)
            .pauseWhen(job -> observed(job, "ENABLE_SSL") == StepState.DONE);
    assertThat(execution.runToTheEnd(rollouts.handler).state()).isEqualTo(JobState.PAUSED);

    execution.cancelWhen(job -> true).resume();
    Job job = execution.runToTheEnd(rollouts.handler);

    assertThat(job.state()).as(text(job)).isEqualTo(JobState.CANCELLED);
    assertThat(job.steps()).extracting(JobStep::state).contains(StepState.UNDONE);
    before.isBack();
  }

  @Test
  void aCancelEndsTheExceptionThatTheRolloutWasToMake() {
    Pair pair = pair(LATEST);
    Before before = new Before(pair);
    RolloutRequest sparing =
        pair(TlsMode.ENFORCED)
            .certificate(RolloutRequest.CertificateSource.SELF_SIGNED)
            .rules(ConversionOptions.DEFAULT.withLoopback(ConversionOptions.Loopback.KEEP))
            .build();
    UUID orders = rollouts.tls.access.require("orders").id();
    List<Set<Exemption>> seen = new ArrayList<>();
    Predicate<Job> drained =
        job ->
            job.steps().stream()
                .filter(step -> step.kind().equals("DRAIN"))
                .anyMatch(s -> s.state() == StepState.DONE || s.state() == StepState.SKIPPED);

    Job job =
        rollouts
            .execution(sparing, MemoryExecution.Kill.NEVER)
            .cancelWhen(
                j -> {
                  seen.add(rollouts.tls.stores.exemptions.of(orders));
                  return drained.test(j);
                })
            .runToTheEnd(rollouts.handler);

    assertThat(job.state()).as(text(job)).isEqualTo(JobState.CANCELLED);
    assertThat(seen).contains(Set.of(Exemption.LOOPBACK));
    assertThat(rollouts.tls.stores.exemptions.of(orders)).isEmpty();
    before.isBack();
  }

  @Test
  void aServerThatIsAwayWhileItIsTakenBackIsWaitedFor() {
    Pair pair = pair(LATEST);
    Before before = new Before(pair);
    AtomicReference<CompletableFuture<Void>> restart = new AtomicReference<>();
    Predicate<Job> standbyServesTls =
        job ->
            job.steps().stream()
                .filter(step -> step.server().equals("reader"))
                .anyMatch(s -> s.kind().equals("ENABLE_SSL") && s.state() == StepState.DONE);
    Predicate<Job> cancel =
        job -> {
          if (standbyServesTls.test(job) && restart.get() == null) {
            pair.standby.stop();
            restart.set(
                CompletableFuture.runAsync(
                    pair.standby::start, CompletableFuture.delayedExecutor(3, TimeUnit.SECONDS)));
          }
          return standbyServesTls.test(job);
        };

    Job job =
        rollouts
            .execution(up(null), MemoryExecution.Kill.NEVER)
            .cancelWhen(cancel)
            .runToTheEnd(rollouts.handler);

    restart.get().join();
    assertThat(job.state()).as(text(job)).isEqualTo(JobState.CANCELLED);
    before.isBack();
    // it came back while TLS was served, and goes on so
    pair.primary.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_replication");
  }

  @Test
  void aCancelBeforeTheFirstStepChangesNothing() {
    Before before = new Before(pair(LATEST));

    Job job =
        rollouts
            .execution(up(null), MemoryExecution.Kill.NEVER)
            .cancelWhen(j -> true)
            .runToTheEnd(rollouts.handler);

    assertThat(job.state()).isEqualTo(JobState.CANCELLED);
    assertThat(job.steps()).extracting(JobStep::state).containsOnly(StepState.PENDING);
    before.isBack();
  }

  @Test
  void anAuthorityThatWasDeletedMeanwhileTakesEverythingBack() {
    Before before = new Before(pair(LATEST));
    rollouts.tls.authorities.create("corp", AuthorityProfile.of("Corp CA"));
    MemoryExecution execution = rollouts.execution(up("corp"), MemoryExecution.Kill.NEVER);
    rollouts.tls.stores.forgetAuthorities();

    Job job = execution.runToTheEnd(rollouts.handler);

    assertThat(job.state()).as(text(job)).isIn(JobState.FAILED, JobState.ROLLED_BACK);
    assertThat(job.problem().type()).isEqualTo(ProblemType.NOT_FOUND);
    assertThat(job.problem().members()).containsEntry("server", "orders");
    before.isBack();
  }

  /** The failed step is undone, and so no longer FAILED, when the process dies. */
  @Test
  void aRestartInTheMiddleOfTakingBackGoesOnTakingBack() {
    Before before = new Before(pair(LATEST));
    rollouts.tls.authorities.create("corp", AuthorityProfile.of("Corp CA"));
    MemoryExecution execution =
        rollouts.execution(up("corp"), MemoryExecution.Kill.AFTER_THE_CHECKPOINT);
    rollouts.tls.stores.forgetAuthorities();
    Predicate<Job> mendTheCause =
        job -> {
          boolean undone = job.steps().stream().anyMatch(s -> s.state() == StepState.UNDONE);
          if (undone && rollouts.tls.stores.authorities.find("corp").isEmpty()) {
            rollouts.tls.authorities.create("corp", AuthorityProfile.of("Corp CA"));
          }
          return false;
        };

    Job job = execution.cancelWhen(mendTheCause).runToTheEnd(rollouts.handler);

    assertThat(job.state()).as(text(job)).isEqualTo(JobState.ROLLED_BACK);
    assertThat(job.problem().type()).isEqualTo(ProblemType.NOT_FOUND);
    before.isBack();
  }

  /**
   * The standby's rules hold one that cannot be reached, which is found before any rule is changed.
   */
  @ParameterizedTest
  @EnumSource
  void aRuleThatStillAdmitsPlaintextTakesEverythingBack(MemoryExecution.Kill kill) {
    Pair pair = pair(PostgresMajors.LATEST);
    pair.hideRuleOnStandby();
    Before before = new Before(pair);

    MemoryExecution execution = rollouts.execution(up(null), kill);
    Job job = execution.runToTheEnd(rollouts.handler);

    assertThat(job.state()).as(text(job)).isEqualTo(JobState.ROLLED_BACK);
    assertThat(job.problem().type()).isEqualTo(ProblemType.HBA_NOT_EDITABLE);
    assertThat(job.problem().members()).containsEntry("step", "OBSERVE_SESSIONS");
    if (kill != MemoryExecution.Kill.NEVER) {
      assertThat(execution.kills()).isGreaterThan(20);
    }
    before.isBack();
  }

  @ParameterizedTest
  @EnumSource(names = {"BEFORE_THE_CHECKPOINT", "AFTER_THE_CHECKPOINT"})
  void aHandlerThatIsKilledAtEachCheckpointGetsToTheSameEnd(MemoryExecution.Kill kill) {
    Pair pair = pair(LATEST);
    String mixed = PostgresServer.DEFAULT_HBA + "hostssl app app 10.0.0.0/8 scram-sha-256\n";
    pair.rules(mixed);

    MemoryExecution up = rollouts.execution(up(null), kill);
    assertSucceeded(up.runToTheEnd(rollouts.handler));
    assertThat(up.kills()).isGreaterThan(30);
    assertModes(SslState.Mode.ENFORCED);
    assertThat(pair.streamIsTls()).isTrue();

    MemoryExecution down = rollouts.execution(pair(TlsMode.DISABLED).build(), kill);
    assertSucceeded(down.runToTheEnd(rollouts.handler));
    assertThat(down.kills()).isGreaterThan(20);
    assertModes(SslState.Mode.OFF);
    assertThat(pair.primary.hba()).isEqualTo(mixed);
    assertThat(pair.standby.hba()).isEqualTo(mixed);
    assertThat(rollouts.tls.history.outstandingEdits(rollouts.tls.access.require("orders")))
        .isEmpty();
  }

  /** The certificate from before must outlive the installation that was repeated. */
  @ParameterizedTest
  @EnumSource(names = {"NEVER", "BEFORE_THE_CHECKPOINT"})
  void theCertificateFromBeforeComesBack(MemoryExecution.Kill kill) {
    Pair pair = pair(PostgresMajors.LATEST);
    rollouts.tls.serveTls(rollouts.tls.access.require("orders"));
    pair.hideRuleOnStandby();
    Before before = new Before(pair);

    Job job = rollouts.execution(up(null), kill).runToTheEnd(rollouts.handler);

    assertThat(job.state()).as(text(job)).isEqualTo(JobState.ROLLED_BACK);
    before.isBack();
  }

  private Job run(RolloutRequest request) {
    return rollouts.execution(request, MemoryExecution.Kill.NEVER).runToTheEnd(rollouts.handler);
  }

  private Job up2(String authority) {
    Job job = run(up(authority));
    assertSucceeded(job);
    return job;
  }

  private static StepState observed(Job job, String kind) {
    return job.steps().stream()
        .filter(step -> step.kind().equals(kind))
        .findFirst()
        .orElseThrow()
        .state();
  }

  /** With a certificate of that authority; null: self-signed. */
  private static RolloutRequest up(@Nullable String authority) {
    return pair(TlsMode.ENFORCED)
        .certificate(authority == null ? RolloutRequest.CertificateSource.SELF_SIGNED : null)
        .authority(authority)
        .build();
  }

  private static RolloutRequestBuilder pair(TlsMode target) {
    return rollout(target, "reader", "orders")
        .validity(Duration.ofDays(30))
        .grace(Duration.ZERO)
        .observe(new Observation(Duration.ofMillis(300), null, null));
  }

  private static void assertSucceeded(Job job) {
    assertThat(job.state()).as(text(job)).isEqualTo(JobState.SUCCEEDED);
  }

  private void assertModes(SslState.Mode mode) {
    for (String server : List.of("orders", "reader")) {
      SslState state = rollouts.tls.state(server);
      assertThat(state.mode()).as(server + " " + state.reasons()).isEqualTo(mode);
    }
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

  private static String secret() {
    return PostgresServer.PASSWORD;
  }

  /** The shared pair of a major, as it began, registered as orders and reader. */
  private Pair pair(int major) {
    Pair pair = PAIRS.computeIfAbsent(major, Pair::start);
    pair.reset();
    rollouts.tls.register("orders", pair.primary);
    rollouts.tls.register("reader", pair.standby);
    return pair;
  }

  /** What a rollout that was taken back must leave as it was. */
  private final class Before {
    private final Pair pair;
    private final String primaryRules;
    private final String standbyRules;
    private final List<String> primarySettings;
    private final List<String> standbySettings;
    private final String primaryServed;
    private final String standbyServed;

    Before(Pair pair) {
      this.pair = pair;
      primaryRules = pair.primary.hba();
      standbyRules = pair.standby.hba();
      primarySettings = pair.rest(pair.primary);
      standbySettings = pair.rest(pair.standby);
      primaryServed = rollouts.tls.served(pair.primary);
      standbyServed = rollouts.tls.served(pair.standby);
    }

    void isBack() {
      assertThat(pair.primary.hba()).isEqualTo(primaryRules);
      assertThat(pair.standby.hba()).isEqualTo(standbyRules);
      assertThat(pair.rest(pair.primary)).isEqualTo(primarySettings);
      assertThat(pair.rest(pair.standby)).isEqualTo(standbySettings);
      assertThat(rollouts.tls.served(pair.primary)).isEqualTo(primaryServed);
      assertThat(rollouts.tls.served(pair.standby)).isEqualTo(standbyServed);
      pair.primary.execute("CREATE TABLE IF NOT EXISTS beat (at timestamptz)");
      pair.primary.execute("INSERT INTO beat VALUES (now())");
      pair.primary.awaitReplayedBy(pair.standby);
    }
  }

  /** A primary and its standby. */
  private record Pair(PostgresServer primary, PostgresServer standby, String conninfo) {

    static Pair start(int major) {
      PostgresServer primary =
          PostgresServer.builder(major).authenticationTimeout(Duration.ofSeconds(2)).start();
      PostgresServer standby = primary.standby();
      standby.set("wal_retrieve_retry_interval", "100ms");
      standby.reload();
      return new Pair(primary, standby, standby.query("SHOW primary_conninfo"));
    }

    void reset() {
      rules(PostgresServer.DEFAULT_HBA);
      primary.execute("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()");
      standby.execute(
          "ALTER SYSTEM RESET ALL",
          "ALTER SYSTEM SET primary_conninfo = '" + conninfo + "'",
          "SELECT pg_reload_conf()");
      // a stream that began over TLS goes on over TLS while its string stays the same
      primary.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_replication");
      await().atMost(PATIENCE).until(this::streamIsPlaintext);
      for (PostgresServer server : List.of(primary, standby)) {
        try {
          DirectoryTree.delete(server.dataDirectory().resolve("pgseal"));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }

    void rules(String text) {
      primary.writeHba(text);
      standby.writeHba(text);
      primary.reload();
      standby.reload();
    }

    /** A file with a NUL byte is not edited line by line. */
    void hideRuleOnStandby() {
      try {
        Files.writeString(
            standby.dataDirectory().resolve("apps.conf"), "host app app all scram-sha-256\n#\0\n");
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      standby.writeHba(PostgresServer.DEFAULT_HBA + "include apps.conf\n");
      standby.reload();
    }

    private static final String STREAMS_TLS =
        """
        SELECT bool_and(s.ssl) FROM pg_stat_replication r JOIN pg_stat_ssl s USING (pid)
         WHERE r.state = 'streaming'
        """;

    boolean streamIsTls() {
      return "t".equals(primary.query(STREAMS_TLS));
    }

    boolean streamIsPlaintext() {
      return "f".equals(primary.query(STREAMS_TLS));
    }

    /** postgresql.auto.conf, sorted. */
    List<String> rest(PostgresServer server) {
      try {
        return Files.readAllLines(server.dataDirectory().resolve("postgresql.auto.conf")).stream()
            .sorted()
            .toList();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    void close() {
      standby.close();
      primary.close();
    }
  }
}
