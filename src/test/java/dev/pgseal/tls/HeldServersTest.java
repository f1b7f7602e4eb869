package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class HeldServersTest {

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private final TlsFixture tls = new TlsFixture();
  private final HeldServers held = new HeldServers();
  private PostgresServer postgres;
  private ManagedServer server;

  @BeforeEach
  void register() {
    postgres = SERVERS.latest();
    server = tls.register("orders", postgres);
  }

  @AfterEach
  void close() {
    held.close();
    tls.close();
  }

  @Test
  void aServerIsOpenedOnceForTwoStepsAndItsLockIsKeptBetweenThem() {
    int first = step(change -> {});

    assertThat(locks()).isEqualTo("1");
    assertThat(step(change -> {})).isEqualTo(first);
  }

  @Test
  void whatFollowsAReloadIsObservedThroughANewSession() {
    int first = step(ServerUnderChange::reload);

    assertThat(locks()).isEqualTo("0");
    assertThat(step(change -> {})).isNotEqualTo(first);
  }

  @Test
  void aSessionThatWasEndedMeanwhileIsReplaced() {
    int first = step(change -> {});
    postgres.execute("SELECT pg_terminate_backend(" + first + ", 5000)");

    assertThat(step(change -> {})).isNotEqualTo(first);
    assertThat(locks()).isEqualTo("1");
  }

  @Test
  void whoWasFencedOffDoesNotGetWhatIsKept() {
    step(change -> {});
    LongSupplier fencedOff =
        () -> {
          throw new IllegalStateException("a later execution");
        };

    assertThatThrownBy(() -> held.take(server.id(), fencedOff, this::open))
        .hasMessage("a later execution");
    held.close();
    assertThat(locks()).isEqualTo("0");
  }

  @Test
  void nothingIsHeldAnyMoreOnceAllAreLetGo() {
    step(change -> {});

    held.close();

    assertThat(locks()).isEqualTo("0");
    try (PostgresSession session = tls.access.fresh(server)) {
      assertThat(ChangeLock.take(session, "job/other", 1, Duration.ZERO)).isTrue();
    }
  }

  /** One step of a job. */
  private interface Step {
    void run(ServerUnderChange change);
  }

  /**
   * @return the pid of the session that it had
   */
  private int step(Step step) {
    try (ServerUnderChange change = held.take(server.id(), () -> 1, this::open)) {
      step.run(change);
      return change.session().pid();
    }
  }

  private ServerUnderChange open() {
    return tls.access.openForChange(server, "job/held", () -> 1, "a job");
  }

  private String locks() {
    return postgres.query("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'");
  }
}
