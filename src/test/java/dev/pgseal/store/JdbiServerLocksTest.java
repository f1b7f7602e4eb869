package dev.pgseal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.pgseal.job.JobDraft;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStore;
import dev.pgseal.job.Requester;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerLocks;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class JdbiServerLocksTest {

  @RegisterExtension static final ControlDatabase DATABASE = new ControlDatabase();

  private final ServerLocks locks = DATABASE.locks();
  private final ManagedServer server = DATABASE.insertServer();

  @Test
  void theSecondOperationIsRefusedNamingTheFirst() {
    ServerLocks.Held held = locks.acquire(server.id(), "request/1", "PUT ssl");
    try (held) {
      assertThatThrownBy(() -> DATABASE.locks().acquire(server.id(), "request/2", "PUT hba"))
          .asInstanceOf(InstanceOfAssertFactories.type(PgsealException.class))
          .satisfies(
              e -> {
                assertThat(e.type()).isEqualTo(ProblemType.OPERATION_IN_PROGRESS);
                assertThat(e.detail()).contains(server.name(), "request/1", "PUT ssl");
                assertThat(e.members()).containsEntry("holder", "request/1");
              });
    }
    ServerLocks.Held free = locks.acquire(server.id(), "request/2", "PUT hba");
    try (free) {
      assertThat(free).isNotNull();
    }
  }

  @Test
  void aLeaseThatRanOutIsFree() {
    locks.acquire(server.id(), "request/1", "PUT ssl");
    expire();

    ServerLocks.Held taken = DATABASE.locks().acquire(server.id(), "request/2", "PUT hba");
    try (taken) {
      assertThat(holder()).isEqualTo("request/2");
    }
  }

  @Test
  void theSameOwnerTakesOverAndTheOldHolderCannotReleaseIt() {
    var before = locks.acquire(server.id(), "job/1", "step 1");

    ServerLocks.Held after = DATABASE.locks().acquire(server.id(), "job/1", "step 2");
    try (after) {
      before.close();
      assertThat(holder()).isEqualTo("job/1");
    }
  }

  @Test
  void aServerOfAnUnfinishedJobIsLockedForAllButThisJob() {
    var job =
        DATABASE
            .jobs()
            .insert(
                new JobDraft("rollout", Map.of(), List.of(), List.of(server.id())),
                Requester.of("somebody"));

    assertThatThrownBy(() -> locks.acquire(server.id(), "request/1", "PUT ssl"))
        .isInstanceOf(PgsealException.class)
        .hasMessageContaining(job.id().toString());
    ServerLocks.Held held = locks.acquire(server.id(), "job/" + job.id(), "step 1");
    try (held) {
      assertThat(holder()).isEqualTo("job/" + job.id());
    }
  }

  /** Its lease would last for some seconds more. */
  @Test
  void theEndOfAJobFreesTheServerThatAKilledReplicaHeldForIt() {
    JobStore jobs = DATABASE.jobs();
    UUID job =
        jobs.insert(
                new JobDraft("rollout", Map.of(), List.of(), List.of(server.id())),
                Requester.of("somebody"))
            .id();
    locks.acquire(server.id(), "job/" + job, "step 1");

    jobs.execution(job, jobs.claim(job).orElseThrow()).end(JobState.SUCCEEDED, null);

    ServerLocks.Held held = locks.acquire(server.id(), "request/1", "PUT ssl");
    try (held) {
      assertThat(holder()).isEqualTo("request/1");
    }
  }

  @Test
  void aJobIsNotAcceptedWhileARequestChangesItsServer() {
    ServerLocks.Held held = locks.acquire(server.id(), "request/1", "PUT ssl");
    try (held) {
      assertThatThrownBy(
              () ->
                  DATABASE
                      .jobs()
                      .insert(
                          new JobDraft("rollout", Map.of(), List.of(), List.of(server.id())),
                          Requester.of("somebody")))
          .isInstanceOf(PgsealException.class)
          .hasMessageContaining("request/1");
    }
    assertThat(
            DATABASE
                .jobs()
                .insert(
                    new JobDraft("rollout", Map.of(), List.of(), List.of(server.id())),
                    Requester.of("somebody")))
        .isNotNull();
  }

  @Test
  void ofManyRequestsAndJobsAtOnceOneGetsTheServer() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(8);
    try {
      List<Future<Boolean>> attempts =
          threads.invokeAll(
              IntStream.range(0, 8).<Callable<Boolean>>mapToObj(i -> () -> acquired(i)).toList());

      assertThat(attempts.stream().filter(JdbiServerLocksTest::get).count()).isEqualTo(1);
    } finally {
      threads.shutdown();
    }
  }

  private boolean acquired(int i) {
    try {
      if (i % 2 == 0) {
        locks.acquire(server.id(), "request/" + i, "PUT ssl");
      } else {
        DATABASE
            .jobs()
            .insert(
                new JobDraft("rollout", Map.of(), List.of(), List.of(server.id())),
                Requester.of("somebody"));
      }
      return true;
    } catch (PgsealException e) {
      assertThat(e.type()).isEqualTo(ProblemType.OPERATION_IN_PROGRESS);
      return false;
    }
  }

  private static boolean get(Future<Boolean> attempt) {
    try {
      return attempt.get();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void aHeldLockIsRenewed() {
    ServerLocks.Held held = locks.acquire(server.id(), "request/1", "PUT ssl");
    try (held) {
      String first = expiry();

      await()
          .atMost(JdbiServerLocks.RENEWAL.multipliedBy(3))
          .until(() -> expiry().compareTo(first) > 0);
    }
  }

  private String expiry() {
    return DATABASE
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .select(
                        "select to_char(expires_at, 'YYYY-MM-DD HH24:MI:SS.US') from server_lock"
                            + " where server_id = ?",
                        server.id())
                    .mapTo(String.class)
                    .one());
  }

  private void expire() {
    DATABASE
        .jdbi()
        .useHandle(handle -> handle.execute("update server_lock set expires_at = now()"));
  }

  private String holder() {
    return DATABASE
        .jdbi()
        .withHandle(
            handle ->
                handle
                    .select("select owner from server_lock where server_id = ?", server.id())
                    .mapTo(String.class)
                    .one());
  }
}
