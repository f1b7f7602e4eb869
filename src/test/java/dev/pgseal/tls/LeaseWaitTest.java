package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerLocks;
import dev.pgseal.store.ControlDatabase;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who waits for the lease of another operation, in the control database. */
class LeaseWaitTest {

  private static final LongSupplier STILL_OURS = () -> 1;

  @RegisterExtension static final ControlDatabase DATABASE = new ControlDatabase();

  private final ServerLocks locks = DATABASE.locks();
  private final ManagedServer server = DATABASE.insertServer();
  private final List<String> waitedFor = new ArrayList<>();

  @Test
  void aJobWaitsUntilAnotherJobLetsGoOfTheServer() {
    assertGetsItAfter("job/lists");
  }

  @Test
  void aJobWaitsUntilARequestLetsGoOfTheServer() {
    assertGetsItAfter("request/1");
  }

  private void assertGetsItAfter(String holder) {
    ServerLocks.Held held = locks.acquire(server.id(), holder, "what it does");

    wait("job/rollout").acquire(STILL_OURS, whenItWaits(held::close, false)).close();

    assertThat(waitedFor).singleElement().asString().contains(server.name(), holder);
  }

  @Test
  void aRequestIsRefusedAtOnce() {
    ServerLocks.Held held = locks.acquire(server.id(), "job/lists", "revocation-list");
    try (held) {
      assertConflict("request/1", whenItWaits(() -> {}, false));
      assertThat(waitedFor).isEmpty();
    }
  }

  @Test
  void aJobThatCannotWaitAnyLongerIsToldWhoHoldsTheServer() {
    ServerLocks.Held held = locks.acquire(server.id(), "job/lists", "revocation-list");
    try (held) {
      assertConflict("job/rollout", whenItWaits(() -> {}, true));
      assertThat(waitedFor).hasSize(1);
    }
  }

  private void assertConflict(String owner, OpeningWatch watch) {
    assertThatThrownBy(() -> wait(owner).acquire(STILL_OURS, watch))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> {
              assertThat(e.type()).isEqualTo(ProblemType.OPERATION_IN_PROGRESS);
              assertThat(e.members()).containsEntry("holder", "job/lists");
            })
        .hasMessageContaining("job/lists: revocation-list");
  }

  /** Its successor has the same name, so the control database would give it the lease. */
  @Test
  void aReplicaThatIsReplacedWhileItWaitsLeavesTheLeaseToItsSuccessor() {
    ServerLocks.Held held = locks.acquire(server.id(), "job/lists", "revocation-list");
    List<ServerLocks.Held> successor = new ArrayList<>();
    LongSupplier fence =
        () -> {
          if (!successor.isEmpty()) {
            throw new IllegalStateException("replaced");
          }
          return 1;
        };
    Runnable replaced =
        () -> {
          held.close();
          successor.add(DATABASE.locks().acquire(server.id(), "job/rollout", "rollout"));
        };

    assertThatThrownBy(() -> wait("job/rollout").acquire(fence, whenItWaits(replaced, false)))
        .hasMessage("replaced");

    assertThatThrownBy(() -> locks.acquire(server.id(), "request/1", "PUT ssl"))
        .hasMessageContaining("job/rollout");
    successor.get(0).close();
  }

  private LeaseWait wait(String owner) {
    return new LeaseWait(locks, server, owner, "rollout");
  }

  private OpeningWatch whenItWaits(Runnable then, boolean thenOver) {
    return new OpeningWatch() {
      @Override
      public void opened(ServerUnderChange change) {}

      @Override
      public void waits(PgsealException conflict) {
        waitedFor.add(conflict.detail());
        then.run();
      }

      @Override
      public boolean over() {
        return thenOver && !waitedFor.isEmpty();
      }
    };
  }
}
