package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgseal.postgres.PostgresConnector;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who may change a server, seen from the server itself. */
class ChangeLockTest {

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private final TlsFixture tls = new TlsFixture();

  @AfterEach
  void close() {
    tls.close();
  }

  /** The replica that held it froze, or its host died: its backend knows of nothing. */
  @PostgresMajors
  void aJobThatGoesOnElsewhereEndsTheSessionOfItsPredecessor(int major) {
    ManagedServer server = tls.register("orders", SERVERS.on(major));
    try (ServerUnderChange frozen = tls.access.openForChange(server, "job/1", "rollout");
        ServerUnderChange next = tls.access.openForChange(server, "job/1", "rollout")) {
      assertThat(next.session().isUsable()).isTrue();
      assertThat(frozen.session().isUsable()).isFalse();
    }
  }

  /** It froze before it had the lock, and its successor has it now. */
  @Test
  void aReplicaThatWakesUpDoesNotEndTheSessionOfItsSuccessor() {
    PostgresServer postgres = SERVERS.latest();
    ManagedServer server = tls.register("orders", postgres);
    try (ServerUnderChange successor =
            tls.access.openForChange(server, "job/1", () -> 2, "rollout");
        PostgresSession awakened = new PostgresConnector().open(successor.login())) {
      assertThat(ChangeLock.take(awakened, "job/1", 1, Duration.ofSeconds(6))).isFalse();

      assertThat(successor.session().isUsable()).isTrue();
    }
  }

  /** It wakes up before it knows that it was replaced, and believes that it has ended the job. */
  @Test
  void whoEndsTheSessionsOfEarlierExecutionsLeavesThoseOfLaterOnes() {
    ManagedServer server = tls.register("orders", SERVERS.latest());
    try (ServerUnderChange successor =
            tls.access.openForChange(server, "job/1", () -> 2, "rollout");
        PostgresSession helper = successor.helper(ConnectionSslMode.PREFER)) {
      tls.access.endSessionsOf(server, "job/1", 1);

      assertThat(successor.session().isUsable()).isTrue();
      assertThat(helper.isUsable()).isTrue();

      tls.access.endSessionsOf(server, "job/1", 2);

      assertThat(successor.session().isUsable()).isFalse();
      assertThat(helper.isUsable()).isFalse();
    }
  }

  @Test
  void theHelpersOfTheReplicaThatFrozeEndBeforeItsSuccessorBegins() {
    ManagedServer server = tls.register("orders", SERVERS.latest());
    try (ServerUnderChange frozen = tls.access.openForChange(server, "job/1", () -> 1, "rollout");
        PostgresSession helper = frozen.helper(ConnectionSslMode.PREFER);
        ServerUnderChange next = tls.access.openForChange(server, "job/1", () -> 2, "rollout")) {
      assertThat(next.session().isUsable()).isTrue();
      assertThat(helper.isUsable()).isFalse();
      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class, () -> frozen.helper(ConnectionSslMode.PREFER).close());
      assertThat(problem.type()).isEqualTo(ProblemType.SERVER_UNREACHABLE);
      assertThat(problem).hasMessageContaining("is lost");
    }
  }

  /** It was frozen while it waited, and finds the lock free between two steps of its successor. */
  @Test
  void aReplicaThatGetsTheLockAfterItWasReplacedLeavesIt() {
    ManagedServer server = tls.register("orders", SERVERS.latest());
    AtomicInteger asked = new AtomicInteger();
    LongSupplier replacedMeanwhile =
        () -> {
          if (asked.incrementAndGet() > 1) {
            throw new IllegalStateException("replaced");
          }
          return 1;
        };

    assertThatThrownBy(
            () -> tls.access.openForChange(server, "job/1", replacedMeanwhile, "rollout"))
        .hasMessage("replaced");

    tls.access.openForChange(server, "request/1", "PUT ssl").close();
  }

  @Test
  void aServerThatIsRegisteredTwiceIsLockedWhicheverDatabaseItIsReachedThrough() {
    PostgresServer postgres = SERVERS.latest();
    ManagedServer orders = tls.register("orders", postgres);
    ManagedServer again = otherDatabase(tls.register("again", postgres));

    try (ServerUnderChange change = tls.access.openForChange(orders, "request/1", "PUT ssl")) {
      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class,
              () -> tls.access.openForChange(again, "request/2", "PUT ssl").close());

      assertThat(problem).isNotNull();
      assertThat(problem.type()).isEqualTo(ProblemType.OPERATION_IN_PROGRESS);
      assertThat(problem).hasMessageContaining("held by pgseal request/1 #0, pid ");
      assertThat(change.session().isUsable()).isTrue();
    }
    tls.access.openForChange(again, "request/3", "PUT ssl").close();
  }

  private ManagedServer otherDatabase(ManagedServer server) {
    ManagedServer other =
        new ManagedServer(
            UUID.randomUUID(),
            server.name(),
            server.host(),
            server.port(),
            "template1",
            server.username(),
            server.sslMode(),
            null,
            List.of(),
            Map.of(),
            null,
            1,
            server.createdAt(),
            server.updatedAt());
    tls.stores.servers.insert(other, PostgresServer.PASSWORD);
    return other;
  }
}
