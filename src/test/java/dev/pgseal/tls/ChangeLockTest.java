package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.util.List;
import java.util.Map;
import java.util.UUID;
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
