package dev.pgseal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgseal.job.ChildJob;
import dev.pgseal.job.ChildJobs;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobDraft;
import dev.pgseal.job.JobExecution.FencedOffException;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.JobStore;
import dev.pgseal.job.Requester;
import dev.pgseal.job.StepState;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerLocks;
import dev.pgseal.server.TlsMode;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jdbi.v3.core.Handle;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class JdbiChildJobsTest {

  @RegisterExtension static final ControlDatabase DATABASE = new ControlDatabase();

  private final JobStore jobs = DATABASE.jobs();
  private final ChildJobs children = DATABASE.childJobs();

  @Test
  void aHeldJobReservesItsServersAndSaysWhatTheyShallBeWhenItIsStarted() {
    ManagedServer server = DATABASE.insertServer();
    Job parent = insert(server);
    long fence = jobs.claim(parent.id()).orElseThrow();
    assertThat(scheduled(child(parent).id())).isZero();

    assertThat(children.start(parent.id(), fence, child(parent).id(), "ENFORCED")).isEmpty();

    assertThat(child(parent).held()).isFalse();
    assertThat(scheduled(child(parent).id())).isOne();
    assertThat(DATABASE.servers().find(server.name()).orElseThrow().desiredMode())
        .isEqualTo(TlsMode.ENFORCED);
    assertThatThrownBy(() -> insertAlone(server))
        .hasMessageContaining(child(parent).id().toString());
  }

  @Test
  void anExecutionThatWasTakenOverStartsAndEndsNothing() {
    Job parent = insert(DATABASE.insertServer());
    long old = jobs.claim(parent.id()).orElseThrow();
    jobs.claim(parent.id());

    assertThatThrownBy(() -> children.start(parent.id(), old, child(parent).id(), "ENFORCED"))
        .isInstanceOf(FencedOffException.class);
    assertThatThrownBy(
            () -> children.end(parent.id(), old, child(parent).id(), JobState.FAILED, null))
        .isInstanceOf(FencedOffException.class);
    assertThat(child(parent).held()).isTrue();
  }

  @Test
  void howeverAJobEndsNoneThatItHeldIsLeftBehind() {
    Job parent = insert(DATABASE.insertServer());

    jobs.execution(parent.id(), jobs.claim(parent.id()).orElseThrow()).end(JobState.FAILED, null);

    assertThat(child(parent).state()).isEqualTo(JobState.CANCELLED);
    assertThat(child(parent).held()).isFalse();
  }

  @Test
  void aBlockThatIsLongOverDoesNotCountWhenTheServerIsBusyAgain() {
    ManagedServer server = DATABASE.insertServer();
    Job parent = insert(server);
    long fence = jobs.claim(parent.id()).orElseThrow();
    ServerLocks.Held held = DATABASE.locks().acquire(server.id(), "request/1", "PUT ssl");
    try (held) {
      assertThat(children.start(parent.id(), fence, child(parent).id(), "ENFORCED")).isPresent();
      ChildJob first = child(parent);
      assertThat(children.start(parent.id(), fence, first.id(), "ENFORCED")).isPresent();
      assertThat(child(parent).blockedSince()).isEqualTo(first.blockedSince());

      DATABASE
          .jdbi()
          .useHandle(
              handle ->
                  handle.execute(
                      "update job set blocked_seen = blocked_seen - interval '1 h' where id = ?",
                      first.id()));
      assertThat(children.start(parent.id(), fence, first.id(), "ENFORCED")).isPresent();
      assertThat(child(parent).blockedSince()).isAfter(first.blockedSince());
    }
  }

  /** PostgreSQL compares the bytes of UUIDs as they are, Java as signed numbers. */
  @Test
  void serversAreLockedInTheOrderInWhichJobsOfTheirOwnLockThem() {
    List<ManagedServer> servers =
        Stream.generate(DATABASE::insertServer)
            .limit(64)
            .sorted(Comparator.comparing(ManagedServer::id))
            .toList();
    ManagedServer first = servers.get(0);
    ManagedServer last = servers.get(servers.size() - 1);
    assertThat(first.id().toString().compareTo(last.id().toString()))
        .as("their orders differ")
        .isPositive();
    Job parent = insert(last, first);
    long fence = jobs.claim(parent.id()).orElseThrow();
    UUID child = child(parent).id();

    try (Handle other = DATABASE.jdbi().open()) {
      other.begin();
      other.execute("select from server where id = ? for update", first.id());
      CompletableFuture<Void> starting =
          CompletableFuture.runAsync(() -> children.start(parent.id(), fence, child, "ENFORCED"));
      await().atMost(Duration.ofSeconds(20)).until(JdbiChildJobsTest::somebodyWaitsForALock);
      assertThat(
              other
                  .createQuery("select id from server where id = :id for update skip locked")
                  .bind("id", last.id())
                  .mapTo(UUID.class)
                  .findOne())
          .as("it waits for the first before it takes the last")
          .isPresent();
      other.rollback();
      starting.orTimeout(20, TimeUnit.SECONDS).join();
    }
    assertThat(child(parent).held()).isFalse();
  }

  private static boolean somebodyWaitsForALock() {
    return DATABASE
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery(
                        "select exists (select from pg_stat_activity where wait_event_type = 'Lock')")
                    .mapTo(Boolean.class)
                    .one());
  }

  private Job insert(ManagedServer... servers) {
    List<UUID> ids = Stream.of(servers).map(ManagedServer::id).toList();
    TreeMap<Integer, JobDraft> held = new TreeMap<>();
    held.put(0, new JobDraft("rollout", Map.of(), List.of(step(servers[0], "TEST")), ids));
    return jobs.insert(
        new JobDraft("fleet", Map.of(), List.of(step(servers[0], JobStep.ROLLOUT)), ids),
        held,
        Requester.of("ann"));
  }

  private void insertAlone(ManagedServer server) {
    jobs.insert(
        new JobDraft("rollout", Map.of(), List.of(), List.of(server.id())), Requester.of("bob"));
  }

  private static JobStep step(ManagedServer server, String kind) {
    return new JobStep(
        0, server.name(), kind, "Does it", StepState.PENDING, Map.of(), null, null, null);
  }

  private ChildJob child(Job parent) {
    return children.of(parent.id()).get(0);
  }

  private static long scheduled(UUID job) {
    return DATABASE
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .createQuery("select count(*) from scheduled_tasks where task_instance = :job")
                    .bind("job", job.toString())
                    .mapTo(Long.class)
                    .one());
  }
}
