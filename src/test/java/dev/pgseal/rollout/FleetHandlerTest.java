package dev.pgseal.rollout;

import static dev.pgseal.rollout.RolloutRequestBuilder.rollout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.pgseal.job.ChildJob;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobDraft;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobHandler;
import dev.pgseal.job.JobProblem;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.JobStore;
import dev.pgseal.job.Requester;
import dev.pgseal.job.StepState;
import dev.pgseal.job.TestEngine;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.TlsMode;
import dev.pgseal.store.ControlDatabase;
import java.time.Clock;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The coordination, in a real control database; the rollouts of the clusters are scripted. */
class FleetHandlerTest {

  private static final Duration SOON = Duration.ofSeconds(30);

  @RegisterExtension static final ControlDatabase DATABASE = new ControlDatabase();

  private final JobStore store = DATABASE.jobs();
  private final ObjectMapper json =
      new ObjectMapper().registerModule(new Jdk8Module()).registerModule(new JavaTimeModule());
  private final Clusters clusters = new Clusters();
  private final List<TestEngine> engines = new ArrayList<>();
  private TestEngine replica = replica();

  @AfterEach
  void stop() {
    clusters.release();
    engines.forEach(TestEngine::close);
  }

  @Test
  void eachWaveBeginsWhenTheOneBeforeIsOverAndNoMoreThanMaxParallelWorkAtATime() {
    List<ManagedServer> servers = servers(12);
    clusters.meet(servers.get(1), servers.get(2));

    Job job = ended(start(servers, policy(List.of(count(1), percent(50)), 3, 0, null)));

    assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(job.steps())
        .filteredOn(step -> step.kind().equals(JobStep.WAVE))
        .extracting(JobStep::description, JobStep::state)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("Begin wave 1 of 3: 1 server", StepState.DONE),
            org.assertj.core.groups.Tuple.tuple("Begin wave 2 of 3: 5 servers", StepState.DONE),
            org.assertj.core.groups.Tuple.tuple("Begin wave 3 of 3: 6 servers", StepState.DONE));
    assertThat(clusters.mostAtOnce()).isBetween(2, 3);
    List<String> log = List.copyOf(clusters.log);
    assertThat(log.subList(0, 2))
        .containsExactly("begin " + name(servers, 0), "end " + name(servers, 0));
    assertThat(log.subList(2, 12)).containsExactlyInAnyOrderElementsOf(all(servers.subList(1, 6)));
    assertThat(log.subList(12, 24))
        .containsExactlyInAnyOrderElementsOf(all(servers.subList(6, 12)));
    assertThat(rollouts(job))
        .allSatisfy(
            step -> {
              assertThat(step.state()).isEqualTo(StepState.DONE);
              assertThat(step.observed()).containsKeys("job", "wave", "servers");
            });
    assertThat(servers).allMatch(server -> desired(server) == TlsMode.ENFORCED);
  }

  @Test
  void oneThatFailsWithinMaxFailuresTakesNothingFromTheOthers() {
    List<ManagedServer> servers = servers(5);
    clusters.fail(servers.get(1));

    Job job = ended(start(servers, policy(List.of(count(1)), 2, 1, null)));

    assertThat(job.state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(job.problem()).isNull();
    assertThat(rollouts(job))
        .extracting(JobStep::state)
        .containsExactly(
            StepState.DONE, StepState.UNDONE, StepState.DONE, StepState.DONE, StepState.DONE);
    assertThat(rollouts(job).get(1).problem())
        .isEqualTo(new JobProblem(ProblemType.SSL_NOT_TAKEN, "no TLS", Map.of()));
  }

  @Test
  void beyondMaxFailuresNothingMoreBeginsAndWhatHasBegunGoesToItsEnd() {
    List<ManagedServer> servers = servers(6);
    clusters.hold(servers.get(0));
    clusters.fail(servers.get(1));

    Job job = start(servers, policy(null, 2, 0, null));
    await().atMost(SOON).until(() -> child(job, 5).state() == JobState.CANCELLED);
    assertThat(store.find(job.id()).orElseThrow().state()).isEqualTo(JobState.RUNNING);
    clusters.release();

    Job end = ended(job);
    assertThat(end.state()).isEqualTo(JobState.FAILED);
    assertThat(end.problem().type()).isEqualTo(ProblemType.TOO_MANY_FAILURES);
    assertThat(end.problem().members().get("failures").toString())
        .contains(name(servers, 1), "no TLS", child(job, 1).id().toString());
    assertThat(rollouts(end))
        .extracting(JobStep::state)
        .startsWith(StepState.DONE, StepState.UNDONE)
        .endsWith(StepState.SKIPPED);
    assertThat(child(end, 5).problem().detail())
        .startsWith("1 of 6 clusters failed, and maxFailures is 0");
    assertThat(desired(servers.get(5))).as("it was never begun").isNull();
  }

  @Test
  void oneThatWaitsForAPersonHasNoPlaceAndHoldsNextWaveOnlyBeyondMaxFailures() {
    List<ManagedServer> servers = servers(4);
    clusters.wait(servers.get(0));

    Job job = start(servers, policy(List.of(count(1), count(3)), 1, 1, null));

    await().atMost(SOON).until(() -> child(job, 3).state() == JobState.SUCCEEDED);
    assertThat(store.find(job.id()).orElseThrow().state()).isEqualTo(JobState.RUNNING);
    replica.engine().proceed(child(job, 0).id(), "ann");
    assertThat(ended(job).state()).isEqualTo(JobState.SUCCEEDED);

    List<ManagedServer> others = servers(2);
    clusters.wait(others.get(0));
    Job strict = start(others, policy(List.of(count(1)), 1, 0, null));
    await()
        .atMost(SOON)
        .until(() -> waits(strict).compareTo(FleetHandler.NOBODY_WORKS.dividedBy(2)) > 0);
    assertThat(child(strict, 0).state()).isEqualTo(JobState.AWAITING_APPROVAL);
    assertThat(child(strict, 1).held()).as("the next wave has not begun").isTrue();
    replica.engine().cancel(child(strict, 0).id(), "ann", true);
    Job end = ended(strict);
    assertThat(end.state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(rollouts(end))
        .as("who is cancelled by hand has not failed, and who waited for it comes after it")
        .extracting(JobStep::state)
        .containsExactly(StepState.UNDONE, StepState.DONE);
  }

  @Test
  void aPauseAfterAWaveLastsUntilSomebodySaysContinue() {
    List<ManagedServer> servers = servers(3);

    Job job = start(servers, policy(List.of(new Wave(1, null, true)), 4, 0, null));

    await().atMost(SOON).until(() -> state(job) == JobState.AWAITING_APPROVAL);
    assertThat(clusters.log)
        .containsExactly("begin " + name(servers, 0), "end " + name(servers, 0));
    replica.engine().proceed(job.id(), "ann");
    Job end = ended(job);
    assertThat(end.state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(end.steps())
        .filteredOn(step -> step.description().startsWith("Begin wave 2"))
        .singleElement()
        .satisfies(step -> assertThat(step.observed()).containsEntry("approvedBy", "ann"));
  }

  @Test
  void aPauseAfterAWaveThatIsEmptyIsOneAfterTheWaveBefore() {
    List<ManagedServer> servers = servers(4);
    List<Wave> waves = List.of(count(1), new Wave(null, 25, true), percent(100));

    Job job = start(servers, policy(waves, 4, 0, null));

    await().atMost(SOON).until(() -> state(job) == JobState.AWAITING_APPROVAL);
    assertThat(clusters.log).hasSize(2);
    replica.engine().proceed(job.id(), "ann");
    assertThat(ended(job).state()).isEqualTo(JobState.SUCCEEDED);
  }

  @Test
  void withinAWaveNobodyWaitsForOneThatWaits() {
    List<ManagedServer> servers = servers(4);
    clusters.wait(servers.get(1));

    Job job = start(servers, policy(List.of(count(1)), 1, 0, null));

    await().atMost(SOON).until(() -> child(job, 3).state() == JobState.SUCCEEDED);
    assertThat(child(job, 1).state()).isEqualTo(JobState.AWAITING_APPROVAL);
    replica.engine().proceed(child(job, 1).id(), "ann");
    assertThat(ended(job).state()).isEqualTo(JobState.SUCCEEDED);
  }

  @Test
  void oneThatIsPausedBeforeItsTurnDoesNotBegin() {
    List<ManagedServer> servers = servers(2);
    clusters.hold(servers.get(0));
    Job job = start(servers, policy(null, 1, 0, null));
    await().atMost(SOON).until(() -> clusters.log.contains("begin " + name(servers, 0)));
    replica.engine().pause(child(job, 1).id(), "ann");
    clusters.release();
    await().atMost(SOON).until(() -> child(job, 0).state() == JobState.SUCCEEDED);

    replica.engine().resume(child(job, 1).id(), "ann");

    assertThat(ended(job).state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(store.events(child(job, 1).id(), 0, 100))
        .extracting(event -> event.data().get("state"))
        .containsExactly("PENDING", "PAUSED", "PENDING", "RUNNING", "RUNNING", "SUCCEEDED");
  }

  @Test
  void cancelEndsWhatHasNotBegunAndCancelsWhatHas() {
    List<ManagedServer> servers = servers(4);
    clusters.hold(servers.get(1));

    Job job = start(servers, policy(List.of(count(1)), 1, 0, null));
    await().atMost(SOON).until(() -> clusters.log.contains("begin " + name(servers, 1)));
    replica.engine().cancel(job.id(), "ann", true);
    await().atMost(SOON).until(() -> child(job, 3).state() == JobState.CANCELLED);
    clusters.release();

    Job end = ended(job);
    assertThat(end.state()).isEqualTo(JobState.CANCELLED);
    assertThat(rollouts(end))
        .extracting(JobStep::state)
        .containsExactly(StepState.DONE, StepState.UNDONE, StepState.SKIPPED, StepState.SKIPPED);
    assertThat(store.find(child(job, 1).id()).orElseThrow().cancelledBy()).isEqualTo("ann");
  }

  @Test
  void aServerThatIsInAnotherJobWaitsForItAndTheOthersDoNot() {
    List<ManagedServer> servers = servers(3);
    clusters.hold(servers.get(0));
    Job other =
        replica
            .engine()
            .submit(
                new JobDraft(
                    RolloutHandler.KIND,
                    Map.of("server", name(servers, 0)),
                    List.of(step(name(servers, 0))),
                    List.of(servers.get(0).id())),
                Requester.of("bob"));
    await().atMost(SOON).until(() -> clusters.log.contains("begin " + name(servers, 0)));

    Job job = start(servers, policy(null, 1, 0, null));

    await().atMost(SOON).until(() -> child(job, 2).state() == JobState.SUCCEEDED);
    assertThat(child(job, 0).held()).isTrue();
    assertThat(child(job, 0).blockedSince()).isNotNull();
    clusters.release();
    assertThat(ended(other).state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(ended(job).state()).isEqualTo(JobState.SUCCEEDED);
  }

  @Test
  void aServerOfAFleetIsFreeForOthersUntilItsTurn() {
    List<ManagedServer> servers = servers(2);
    clusters.hold(servers.get(0));
    Job job = start(servers, policy(List.of(count(1)), 1, 0, null));
    await().atMost(SOON).until(() -> clusters.log.contains("begin " + name(servers, 0)));

    Job other =
        replica
            .engine()
            .submit(
                new JobDraft(
                    RolloutHandler.KIND,
                    Map.of("server", name(servers, 1)),
                    List.of(step(name(servers, 1))),
                    List.of(servers.get(1).id())),
                Requester.of("bob"));

    assertThat(ended(other).state()).isEqualTo(JobState.SUCCEEDED);
    clusters.release();
    assertThat(ended(job).state()).isEqualTo(JobState.SUCCEEDED);
  }

  @Test
  void anotherReplicaGoesOnWhereTheFirstStopped() {
    List<ManagedServer> servers = servers(6);
    clusters.wait(servers.get(2));
    Job job = start(servers, policy(List.of(count(3)), 1, 0, null));
    await().atMost(SOON).until(() -> child(job, 2).state() == JobState.AWAITING_APPROVAL);
    replica.close();

    replica = replica();
    replica.engine().proceed(child(job, 2).id(), "ann");

    Job end = ended(job);
    assertThat(end.state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(rollouts(end)).allMatch(step -> step.state() == StepState.DONE);
  }

  @Test
  void aSecondPersonApprovesTheFleetOnceAndBeforeThatNothingBegins() {
    List<ManagedServer> servers = servers(2);
    Job job = start(request(servers, policy(null, 2, 0, null)).withApproval(), servers);
    await().atMost(SOON).until(() -> state(job) == JobState.AWAITING_APPROVAL);
    assertThat(clusters.log).isEmpty();

    replica.engine().approve(job.id(), Requester.of("bea"));

    Job end = ended(job);
    assertThat(end.state()).isEqualTo(JobState.SUCCEEDED);
    assertThat(end.approval().by()).isEqualTo("bea");
  }

  @Test
  void aPauseLetsWhatHasBegunComeToItsEndAndBeginsNothingMoreUntilResume() {
    List<ManagedServer> servers = servers(3);
    clusters.hold(servers.get(0));
    Job job = start(servers, policy(null, 1, 0, null));
    await().atMost(SOON).until(() -> clusters.log.contains("begin " + name(servers, 0)));

    assertThat(replica.engine().pause(job.id(), "ann").state()).isEqualTo(JobState.RUNNING);
    clusters.release();
    await().atMost(SOON).until(() -> state(job) == JobState.PAUSED);

    assertThat(rollouts(store.find(job.id()).orElseThrow()))
        .extracting(JobStep::state)
        .containsExactly(StepState.DONE, StepState.PENDING, StepState.PENDING);
    replica.engine().resume(job.id(), "ann");
    assertThat(ended(job).state()).isEqualTo(JobState.SUCCEEDED);
  }

  @Test
  void outsideTheMaintenanceWindowNothingBeginsAndTheJobSaysUntilWhen() {
    List<ManagedServer> servers = servers(2);
    LocalTime now = LocalTime.now(ZoneOffset.UTC);
    MaintenanceWindow later =
        new MaintenanceWindow(now.plusHours(2), now.plusHours(3), ZoneOffset.UTC, null);

    Job job = start(request(servers, policy(null, 1, 0, null), later), servers);

    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(rollouts(store.find(job.id()).orElseThrow()).get(0).observed())
                    .containsKey("waitsUntil"));
    assertThat(clusters.log).isEmpty();
    assertThat(desired(servers.get(0))).isNull();
    replica.engine().cancel(job.id(), "ann", true);
    assertThat(ended(job).state()).isEqualTo(JobState.CANCELLED);

    MaintenanceWindow open =
        new MaintenanceWindow(now.minusHours(1), now.plusHours(1), ZoneOffset.UTC, null);
    Job other = start(request(servers, policy(null, 1, 0, null), open), servers);
    assertThat(ended(other).state()).isEqualTo(JobState.SUCCEEDED);
  }

  @Test
  void onePendingThatIsCancelledLeavesNoHeldJobBehind() {
    List<ManagedServer> servers = servers(2);
    replica.close();
    Job job = insert(request(servers, policy(null, 2, 0, null)), servers);

    store.requestCancel(job.id(), "ann", true);

    assertThat(state(job)).isEqualTo(JobState.CANCELLED);
    assertThat(DATABASE.childJobs().of(job.id()))
        .extracting(ChildJob::state)
        .containsOnly(JobState.CANCELLED);
  }

  @Test
  void oneClusterIsNotTakenOnAgainWithoutTheApprovalAndTheWindowOfItsFleet() {
    List<ManagedServer> servers = servers(2);
    replica.close();
    LocalTime now = LocalTime.now(ZoneOffset.UTC);
    MaintenanceWindow window =
        new MaintenanceWindow(now.plusHours(2), now.plusHours(3), ZoneOffset.UTC, null);
    Job job = insert(request(servers, policy(null, 2, 0, null), window).withApproval(), servers);
    store.requestCancel(job.id(), "ann", true);

    try (RolloutFixture rollouts = new RolloutFixture()) {
      RolloutRequest again =
          rollouts.retry(store, DATABASE.childJobs()).request(child(job, 1).id());

      assertThat(again.servers()).containsExactly(name(servers, 1));
      assertThat(again.needsApproval()).isTrue();
      assertThat(again.maintenanceWindow()).isEqualTo(window);
    }
  }

  private Job start(List<ManagedServer> servers, FleetPolicy policy) {
    return start(request(servers, policy), servers);
  }

  private Job start(RolloutRequest request, List<ManagedServer> servers) {
    RolloutDrafts.Fleet fleet = drafts(request, servers);
    return replica.engine().submit(fleet.job(), fleet.children(), Requester.of("ann"));
  }

  private Job insert(RolloutRequest request, List<ManagedServer> servers) {
    RolloutDrafts.Fleet fleet = drafts(request, servers);
    return store.insert(fleet.job(), fleet.children(), Requester.of("ann"));
  }

  private RolloutDrafts.Fleet drafts(RolloutRequest request, List<ManagedServer> servers) {
    Topology topology = Topology.of(servers.stream().map(Topology.Inspected::unknown).toList());
    return new RolloutDrafts(json).fleet(request, topology.clusters(request.servers()), null);
  }

  private static RolloutRequest request(List<ManagedServer> servers, FleetPolicy policy) {
    return request(servers, policy, null);
  }

  private static RolloutRequest request(
      List<ManagedServer> servers, FleetPolicy policy, @Nullable MaintenanceWindow window) {
    return rollout(TlsMode.ENFORCED, servers.stream().map(ManagedServer::name).toList())
        .certificate(RolloutRequest.CertificateSource.SELF_SIGNED)
        .window(window)
        .fleet(policy)
        .build();
  }

  private static FleetPolicy policy(
      @Nullable List<Wave> waves, int parallel, int failures, @Nullable Boolean unreachable) {
    return new FleetPolicy(waves, parallel, failures, unreachable);
  }

  private static Wave count(int servers) {
    return new Wave(servers, null, null);
  }

  private static Wave percent(int servers) {
    return new Wave(null, servers, null);
  }

  private static List<ManagedServer> servers(int count) {
    return IntStream.range(0, count).mapToObj(i -> DATABASE.insertServer()).toList();
  }

  private static String name(List<ManagedServer> servers, int index) {
    return servers.get(index).name();
  }

  private static List<String> all(List<ManagedServer> servers) {
    return servers.stream()
        .flatMap(server -> Stream.of("begin " + server.name(), "end " + server.name()))
        .toList();
  }

  private static @Nullable TlsMode desired(ManagedServer server) {
    return DATABASE.servers().find(server.name()).orElseThrow().desiredMode();
  }

  private static JobStep step(String server) {
    return new JobStep(0, server, "TEST", "Does it", StepState.PENDING, Map.of(), null, null, null);
  }

  private static List<JobStep> rollouts(Job job) {
    return job.steps().stream().filter(step -> step.kind().equals(JobStep.ROLLOUT)).toList();
  }

  private ChildJob child(Job job, int index) {
    return DATABASE.childJobs().of(job.id()).get(index);
  }

  private JobState state(Job job) {
    return store.find(job.id()).orElseThrow().state();
  }

  /** Until its next look. */
  private Duration waits(Job job) {
    return store.waits(job.id()).orElse(Duration.ZERO);
  }

  private Job ended(Job job) {
    return await()
        .atMost(SOON)
        .until(() -> store.find(job.id()).orElseThrow(), found -> found.state().ended());
  }

  private TestEngine replica() {
    TestEngine engine =
        new TestEngine(
            DATABASE.dataSource(),
            store,
            List.of(
                new FleetHandler(DATABASE.childJobs(), store, json, Clock.systemUTC()), clusters));
    engines.add(engine);
    return engine;
  }

  /** Rollouts of clusters that do as they are told. */
  private static final class Clusters implements JobHandler {

    final Queue<String> log = new ConcurrentLinkedQueue<>();
    private final Set<String> failing = ConcurrentHashMap.newKeySet();
    private final Set<String> held = ConcurrentHashMap.newKeySet();
    private final Set<String> waiting = ConcurrentHashMap.newKeySet();
    private final Set<String> meeting = ConcurrentHashMap.newKeySet();
    private final CountDownLatch met = new CountDownLatch(2);
    private final CountDownLatch release = new CountDownLatch(1);
    private final AtomicInteger now = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    void fail(ManagedServer server) {
      failing.add(server.name());
    }

    void hold(ManagedServer server) {
      held.add(server.name());
    }

    void wait(ManagedServer server) {
      waiting.add(server.name());
    }

    /** They end only when both have begun. */
    void meet(ManagedServer one, ManagedServer other) {
      meeting.addAll(List.of(one.name(), other.name()));
    }

    void release() {
      release.countDown();
    }

    int mostAtOnce() {
      return most.get();
    }

    @Override
    public String kind() {
      return RolloutHandler.KIND;
    }

    @Override
    public void run(JobExecution execution) {
      JobStep step = execution.job().steps().get(0);
      String server = String.valueOf(step.server());
      execution.stepRunning(0);
      if (waiting.contains(server) && !step.observed().containsKey(JobExecution.APPROVED_BY)) {
        if (execution.cancelRequested()) {
          execution.end(JobState.CANCELLED, null);
        } else {
          execution.awaitApproval(0, Map.of());
        }
        return;
      }
      log.add("begin " + server);
      most.accumulateAndGet(now.incrementAndGet(), Math::max);
      try {
        work(server);
      } finally {
        log.add("end " + server);
        now.decrementAndGet();
      }
      if (execution.cancelRequested()) {
        execution.end(JobState.CANCELLED, null);
      } else if (failing.contains(server)) {
        execution.end(
            JobState.ROLLED_BACK, new JobProblem(ProblemType.SSL_NOT_TAKEN, "no TLS", Map.of()));
      } else {
        execution.end(JobState.SUCCEEDED, null);
      }
    }

    private void work(String server) {
      try {
        if (held.contains(server)) {
          release.await();
        }
        if (meeting.contains(server)) {
          met.countDown();
          met.await();
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("The replica stops", e);
      }
    }
  }
}
