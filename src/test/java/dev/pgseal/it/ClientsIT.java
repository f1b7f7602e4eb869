package dev.pgseal.it;

import static dev.pgseal.it.Managed.authority;
import static dev.pgseal.it.Managed.await;
import static dev.pgseal.it.Managed.mode;
import static dev.pgseal.it.Managed.register;
import static dev.pgseal.it.Managed.rollout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import dev.pgseal.testing.ByHand;
import dev.pgseal.testing.PooledWriters;
import dev.pgseal.testing.PostgresServer;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * What clients notice of a rollout: thirty sessions that write all the time. {@code
 * -Dpgseal.full=true} for those that wait for a synchronous standby as well.
 */
class ClientsIT {

  private static final int SESSIONS = 30;

  @BeforeEach
  void start() {
    Application.shared();
  }

  @Test
  void noAcknowledgedCommitIsLostAndNoTransactionIsCutOffOnTheWayUpAndDown() {
    report("by hand, up", byHand());
    try (PostgresServer primary = quick();
        PostgresServer standby = primary.standby();
        PooledWriters writers = PooledWriters.start(primary, SESSIONS)) {
      String[] servers = {register(primary), register(standby)};

      await(rollout("ENFORCED", authority(), servers)).body("state", equalTo("SUCCEEDED"));
      writers.awaitProgress();

      assertThat(plaintextWriters(primary)).isEqualTo("0");
      report("rollout, up", notice(writers));
      assertThat(writers.transactionsCutOff()).isZero();

      await(rollout("DISABLED", null, servers)).body("state", equalTo("SUCCEEDED"));
      writers.awaitProgress();
      writers.close();

      report("rollout, up and down", notice(writers));
      assertThat(mode(servers[0])).isEqualTo("OFF");
      assertThat(writers.lostCommits()).isZero();
      assertThat(writers.transactionsCutOff()).isZero();
    }
  }

  @Test
  @EnabledIfSystemProperty(named = "pgseal.full", matches = "true")
  void commitsThatWaitForASynchronousStandbyStallNoLongerThanItsReconnect() {
    Duration retry = Duration.ofSeconds(2);
    try (PostgresServer primary = quick();
        PostgresServer standby = primary.standby()) {
      standby.execute(
          "ALTER SYSTEM SET wal_retrieve_retry_interval = '" + retry.toMillis() + "ms'");
      standby.reload();
      primary.execute("ALTER SYSTEM SET synchronous_standby_names = 'standby'");
      primary.reload();
      String[] servers = {register(primary), register(standby)};
      try (PooledWriters writers = PooledWriters.start(primary, 5)) {
        await(rollout("ENFORCED", authority(), servers)).body("state", equalTo("SUCCEEDED"));
        writers.awaitProgress();
        writers.close();

        report("rollout with a synchronous standby", notice(writers));
        assertThat(writers.longestGap()).isLessThan(retry.plusSeconds(1));
        assertThat(writers.lostCommits()).isZero();
        assertThat(writers.transactionsCutOff()).isZero();
      }
    }
  }

  /** What the script of the blog post does to the same clients; null where it cannot be run. */
  private static Notice byHand() {
    if (!ByHand.possible()) {
      return null;
    }
    try (PostgresServer primary = quick();
        PostgresServer standby = primary.standby();
        PooledWriters writers = PooledWriters.start(primary, SESSIONS)) {
      ByHand.run(primary, standby);
      writers.awaitProgress();
      assertThat(plaintextWriters(primary)).isEqualTo("0");
      writers.close();
      return notice(writers);
    }
  }

  private record Notice(
      int commits, int lostCommits, int cutOff, int sessionsLost, Duration longestGap) {}

  private static Notice notice(PooledWriters writers) {
    return new Notice(
        writers.acknowledged(),
        writers.lostCommits(),
        writers.transactionsCutOff(),
        writers.sessionsLost(),
        writers.longestGap());
  }

  private static void report(String what, Notice notice) {
    System.out.println(
        notice == null
            ? "ClientsIT | " + what + " | not run: psql or openssl is missing"
            : "ClientsIT | %s | %d commits, %d lost | %d transactions cut off | %d sessions ended | longest gap of one client %d ms"
                .formatted(
                    what,
                    notice.commits(),
                    notice.lostCommits(),
                    notice.cutOff(),
                    notice.sessionsLost(),
                    notice.longestGap().toMillis()));
  }

  private static String plaintextWriters(PostgresServer server) {
    return server.query(
        "SELECT count(*) FROM pg_stat_activity JOIN pg_stat_ssl USING (pid)"
            + " WHERE application_name = 'writers' AND NOT ssl");
  }

  private static PostgresServer quick() {
    return PostgresServer.latest().authenticationTimeout(Duration.ofSeconds(3)).start();
  }
}
