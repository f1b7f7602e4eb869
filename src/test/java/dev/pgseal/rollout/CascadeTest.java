package dev.pgseal.rollout;

import static dev.pgseal.rollout.RolloutRequestBuilder.rollout;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.MemoryExecution;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.TlsMode;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.tls.CertificateSource;
import dev.pgseal.tls.SslState;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/** Rollouts over a primary, a standby and that standby's standby; all of one host and one name. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CascadeTest {

  private static RolloutFixture rollouts;
  private static PostgresServer primary;
  private static PostgresServer relay;
  private static PostgresServer leaf;

  @BeforeAll
  static void start() {
    rollouts = new RolloutFixture();
    rollouts.tls.authorities.create("corp", AuthorityProfile.of("Corp CA"));
    primary = PostgresServer.latest().authenticationTimeout(Duration.ofSeconds(2)).start();
    // its key and settings go into the copies, as pg_basebackup takes them along
    rollouts.tls.install(
        rollouts.tls.register("orders", primary), new CertificateSource.FromAuthority("corp"));
    relay = primary.standby("walreceiver");
    leaf = relay.standby("walreceiver");
    rollouts.tls.register("relay", relay);
    rollouts.tls.register("leaf", leaf);
  }

  @AfterAll
  static void stop() {
    rollouts.close();
    leaf.close();
    relay.close();
    primary.close();
  }

  @Test
  @Order(1)
  void aStandbyThatNobodyNamedIsShownInThePlanAndStopsTheRolloutBeforeItBegins() {
    RolloutRequest alone = request(TlsMode.ENFORCED, null, "orders");

    assertThat(rollouts.service.preview(alone).servers().get(0).unregisteredStandbys())
        .singleElement()
        .satisfies(
            standby -> {
              assertThat(standby.applicationName()).isEqualTo("walreceiver");
              assertThat(standby.clientAddress()).isEqualTo("127.0.0.1");
            });
    assertThat(rollouts.service.preview(alone).servers().get(0).remarks())
        .anyMatch(remark -> remark.contains("allowUnregisteredStandbys"));
    assertThatThrownBy(() -> rollouts.execution(alone, MemoryExecution.Kill.NEVER))
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> {
              assertThat(e.type()).isEqualTo(ProblemType.LOCKOUT_RISK);
              assertThat(e.detail()).contains("walreceiver from 127.0.0.1");
              assertThat(e.members().get("hint").toString()).contains("Register the standby");
            });
    assertThatThrownBy(
            () ->
                rollouts.execution(
                    request(TlsMode.ENFORCED, null, "orders", "relay"), MemoryExecution.Kill.NEVER))
        .as("the leaf streams from the relay")
        .isInstanceOfSatisfying(
            PgsealException.class, e -> assertThat(e.members()).containsEntry("server", "relay"));
  }

  @Test
  @Order(2)
  void aCascadeGoesToEnforcedEachWithAKeyOfItsOwnAndBackByteForByte() {
    List<String> conninfos = conninfos();
    assertThat(keys().values()).as("copied").containsOnly(keys().get("orders"));

    Job up = run(request(TlsMode.ENFORCED, null, "leaf", "orders", "relay"));

    assertSucceeded(up);
    assertThat(steps(up, "SECURE_REPLICATION", JobStep::server)).containsExactly("leaf", "relay");
    assertThat(steps(up, "SECURE_REPLICATION", step -> step.observed().get("sslmode")))
        .containsOnly("verify-full");
    assertThat(steps(up, "INSTALL_CERTIFICATE", step -> step.observed().containsKey("copiedKey")))
        .as("orders, relay, leaf")
        .containsExactly(false, true, true);
    assertThat(List.copyOf(keys().values())).doesNotHaveDuplicates().hasSize(3);
    for (String server : List.of("orders", "relay", "leaf")) {
      assertThat(rollouts.tls.state(server).mode()).isEqualTo(SslState.Mode.ENFORCED);
    }
    awaitStream(primary, "t");
    awaitStream(relay, "t");
    primary.execute("CREATE TABLE through_the_cascade AS SELECT 1 AS one");
    primary.awaitReplayedBy(leaf);

    Job down = run(request(TlsMode.DISABLED, null, "leaf", "orders", "relay"));

    assertSucceeded(down);
    assertThat(steps(down, "RELEASE_REPLICATION", JobStep::server))
        .containsExactly("relay", "leaf");
    assertThat(conninfos()).isEqualTo(conninfos);
    primary.execute("INSERT INTO through_the_cascade VALUES (2)");
    primary.awaitReplayedBy(leaf);
    for (PostgresServer standby : List.of(relay, leaf)) {
      assertThat(standby.log()).doesNotContain(PostgresServer.REPLICATION_PASSWORD);
      assertThat(standby.dataDirectory().resolve("pgseal/trust")).doesNotExist();
    }
  }

  @Test
  @Order(3)
  void aStandbyThatMayBeCutOffIsEndedAndNamedAndComesBackAsItsStringAllows() {
    primary.execute("SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_replication");
    awaitStream(primary, "f");

    Job up = run(request(TlsMode.ENFORCED, true, "orders"));

    assertSucceeded(up);
    assertThat(
            steps(up, "CONVERT_RULES", step -> step.observed().get("unregisteredStandbys"))
                .toString())
        .contains("walreceiver", "127.0.0.1");
    awaitStream(primary, "t");
    primary.execute("INSERT INTO through_the_cascade VALUES (3)");
    primary.awaitReplayedBy(leaf);
  }

  private Job run(RolloutRequest request) {
    return rollouts.execution(request, MemoryExecution.Kill.NEVER).runToTheEnd(rollouts.handler);
  }

  private static RolloutRequest request(
      TlsMode target, @Nullable Boolean allowUnregistered, String... servers) {
    return rollout(target, servers)
        .authority(target == TlsMode.DISABLED ? null : "corp")
        .grace(Duration.ZERO)
        .observe(new Observation(Duration.ofMillis(300), null, null))
        .allowUnregisteredStandbys(allowUnregistered)
        .build();
  }

  private static <T> List<T> steps(Job job, String kind, Function<JobStep, T> value) {
    return job.steps().stream().filter(s -> s.kind().equals(kind)).map(value).toList();
  }

  private static void assertSucceeded(Job job) {
    assertThat(job.state())
        .as(
            job.problem()
                + job.steps().stream()
                    .map(s -> "\n" + s.kind() + " " + s.server() + " " + s.state())
                    .collect(Collectors.joining()))
        .isEqualTo(JobState.SUCCEEDED);
  }

  private static List<String> conninfos() {
    return List.of(
        String.valueOf(relay.query("SHOW primary_conninfo")),
        String.valueOf(leaf.query("SHOW primary_conninfo")));
  }

  /** The public key of the configured certificate. */
  private Map<String, String> keys() {
    return List.of("orders", "relay", "leaf").stream()
        .collect(
            Collectors.toMap(
                Function.identity(),
                name -> {
                  try (PostgresSession session =
                      rollouts.tls.access.fresh(rollouts.tls.access.require(name))) {
                    return rollouts
                        .tls
                        .configured
                        .leaf(session)
                        .orElseThrow()
                        .getPublicKey()
                        .toString();
                  }
                }));
  }

  private static void awaitStream(PostgresServer upstream, String tls) {
    org.awaitility.Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                tls.equals(
                    upstream.query(
                        """
                        SELECT bool_and(s.ssl) FROM pg_stat_replication r
                          JOIN pg_stat_ssl s USING (pid) WHERE r.state = 'streaming'
                        """)));
  }
}
