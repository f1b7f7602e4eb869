package dev.pgseal.it;

import static dev.pgseal.it.Managed.authority;
import static dev.pgseal.it.Managed.await;
import static dev.pgseal.it.Managed.mode;
import static dev.pgseal.it.Managed.register;
import static dev.pgseal.it.Managed.rollout;
import static dev.pgseal.it.Managed.ssl;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.oneOf;

import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import io.restassured.specification.RequestSpecification;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Rollouts as a caller sees them, on real primaries and standbys. */
class RolloutIT {

  private static final int LATEST = 18;

  @BeforeEach
  void start() {
    Application.shared();
  }

  @ParameterizedTest
  @PostgresMajors
  void aPrimaryAndItsStandbyGoToEnforcedTlsAndBackToWhatTheyWere(int major) throws SQLException {
    try (PostgresServer primary = quick(major);
        PostgresServer standby = primary.standby()) {
      String hba = primary.hba();
      String standbyHba = standby.hba();
      String[] servers = {register(primary), register(standby)};

      String conninfo = standby.query("SHOW primary_conninfo");

      String up = rollout("ENFORCED", authority(), servers);
      await(up)
          .body("state", equalTo("SUCCEEDED"))
          .body("steps.state", everyItem(is(oneOf("DONE", "SKIPPED"))))
          .body("steps.kind", hasItem("SECURE_REPLICATION"));
      assertReported(up, servers[0], servers[1]);

      assertThat(mode(servers[0])).isEqualTo("ENFORCED");
      assertThat(mode(servers[1])).isEqualTo("ENFORCED");
      assertThat(
              primary.query(
                  "select count(*) from pg_stat_ssl join pg_stat_replication using (pid) where"
                      + " ssl"))
          .isEqualTo("1");
      assertThatThrownBy(
              () -> primary.connect(PostgresServer.SUPERUSER, PostgresServer.PASSWORD, "disable"))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("no encryption");

      await(rollout("DISABLED", null, servers)).body("state", equalTo("SUCCEEDED"));

      assertThat(mode(servers[0])).isEqualTo("OFF");
      assertThat(mode(servers[1])).isEqualTo("OFF");
      assertThat(primary.hba()).isEqualTo(hba);
      assertThat(standby.hba()).isEqualTo(standbyHba);
      assertThat(standby.query("SHOW primary_conninfo")).isEqualTo(conninfo);
      primary.awaitReplayedBy(standby);
    }
  }

  @Test
  void thePlanShowsStepsRulesAndWhoWouldBeRefusedAndChangesNothing() throws SQLException {
    try (PostgresServer postgres = quick(LATEST);
        Connection client =
            postgres.connect(PostgresServer.SUPERUSER, PostgresServer.PASSWORD, "disable")) {
      String hba = postgres.hba();
      String server = register(postgres);

      given()
          .body(
              Map.of(
                  "target",
                  "ENFORCED",
                  "servers",
                  List.of(server),
                  "authority",
                  authority(),
                  "validateOnly",
                  true))
          .post("/v1/rollouts")
          .then()
          .statusCode(200)
          .body("steps[0].kind", equalTo("PREFLIGHT"))
          .body("servers[0].rules.diff", containsString("+hostssl"))
          .body("servers[0].rules.wouldBeRefused.size()", equalTo(1))
          .body("servers[0].rules.wouldBeRefused[0].admittedOverTls", equalTo(true));

      assertThat(client.isValid(5)).isTrue();
      assertThat(postgres.hba()).isEqualTo(hba);
      assertThat(mode(server)).isEqualTo("OFF");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"REWRITE", "GUARD"})
  void aRolloutThatSparesLoopbackSaysSoAndEndsNoSessionFromThere(String strategy)
      throws SQLException {
    String rules = "local all all scram-sha-256\nhost all,replication all all scram-sha-256\n";
    try (PostgresServer postgres =
            PostgresServer.builder(LATEST)
                .hba(rules)
                .authenticationTimeout(Duration.ofSeconds(3))
                .start();
        Connection client =
            postgres.connect(PostgresServer.SUPERUSER, PostgresServer.PASSWORD, "disable")) {
      String server = register(postgres);
      Map<String, Object> body =
          Map.of(
              "target",
              "ENFORCED",
              "servers",
              List.of(server),
              "authority",
              authority(),
              "rules",
              Map.of("loopback", "KEEP", "gss", "KEEP", "strategy", strategy));
      given()
          .body(body)
          .urlEncodingEnabled(false)
          .post("/v1/rollouts:plan")
          .then()
          .statusCode(200)
          .body(
              "steps.find { it.kind == 'CONVERT_RULES' }.description",
              containsString("loopback excepted"))
          .body("servers[0].plaintextSessions.size()", equalTo(0))
          .body("servers[0].rules.options.strategy", equalTo(strategy))
          .body("servers[0].rules.proof.exceptions", equalTo(List.of("LOOPBACK")))
          .body("servers[0].rules.effect.admitted", equalTo(1));

      given()
          .body(Map.of("target", "OFFERED", "servers", List.of(server), "rules", Map.of()))
          .post("/v1/rollouts")
          .then()
          .statusCode(400)
          .body("field", equalTo("rules"));

      String job =
          given().body(body).post("/v1/rollouts").then().statusCode(202).extract().path("id");

      await(job)
          .body("state", equalTo("SUCCEEDED"))
          .body("request.request.rules.loopback", equalTo("KEEP"))
          .body("steps.find { it.kind == 'DRAIN' }.observed.excepted", equalTo(1))
          .body(
              "steps.find { it.kind == 'PROVE_ENFORCED' }.observed.exceptions",
              equalTo(List.of("LOOPBACK")));
      assertThat(client.isValid(5)).isTrue();
      assertThat(mode(server)).isEqualTo("ENFORCED");

      await(rollout("DISABLED", null, server)).body("state", equalTo("SUCCEEDED"));
      assertThat(mode(server)).isEqualTo("OFF");
      assertThat(postgres.hba()).isEqualTo(rules);
    }
  }

  @Test
  void aCancelledRolloutTakesBackWhatItDidAndOnlyOneOperationRunsAtATime() {
    try (PostgresServer postgres =
        PostgresServer.builder(LATEST).authenticationTimeout(Duration.ofSeconds(60)).start()) {
      String hba = postgres.hba();
      String server = register(postgres);
      String job = rollout("ENFORCED", authority(), server);
      awaitStep(job, "PROVE_ENFORCED");

      ssl(server, false)
          .statusCode(409)
          .body("type", equalTo("/problems/operation-in-progress"))
          .body("detail", containsString(job));
      given()
          .body(Map.of("target", "DISABLED", "servers", List.of(server)))
          .post("/v1/rollouts")
          .then()
          .statusCode(409)
          .body("type", equalTo("/problems/operation-in-progress"));
      given().urlEncodingEnabled(false).post("/v1/jobs/" + job + ":cancel").then().statusCode(200);

      await(job).body("state", equalTo("CANCELLED"));
      assertThat(mode(server)).isEqualTo("OFF");
      assertThat(postgres.hba()).isEqualTo(hba);
      assertThat(postgres.dataDirectory().resolve("pgseal/current")).doesNotExist();
    }
  }

  @Test
  void aStandbyThatWasForgottenStopsTheRolloutBeforeAnythingIsChanged() {
    try (PostgresServer primary = quick(LATEST);
        PostgresServer standby = primary.standby("forgotten")) {
      String hba = primary.hba();
      String server = register(primary);
      Map<String, Object> body =
          Map.of("target", "ENFORCED", "servers", List.of(server), "authority", authority());

      given()
          .body(body)
          .post("/v1/rollouts")
          .then()
          .statusCode(409)
          .body("type", equalTo("/problems/lockout-risk"))
          .body("standbys[0].applicationName", equalTo("forgotten"))
          .body("hint", containsString("Register the standby"));
      given()
          .urlEncodingEnabled(false)
          .body(body)
          .post("/v1/rollouts:plan")
          .then()
          .statusCode(200)
          .body("servers[0].unregisteredStandbys[0].applicationName", equalTo("forgotten"))
          .body("servers[0].unregisteredStandbys[0].clientAddress", equalTo("127.0.0.1"));

      assertThat(primary.hba()).isEqualTo(hba);
      assertThat(mode(server)).isEqualTo("OFF");
      primary.awaitReplayedBy(standby);
    }
  }

  /** JSON for programs, a page for people. */
  private static void assertReported(String job, String primary, String standby) {
    given()
        .get("/v1/jobs/" + job + "/report")
        .then()
        .statusCode(200)
        .body("summary", equalTo("2 of 2 servers proved"))
        .body("provedAt", notNullValue())
        .body("times.waitingForAPersonSeconds", equalTo(0.0f))
        .body("servers.server", equalTo(List.of(primary, standby)))
        .body("servers.outcome", everyItem(is("PROVED")))
        .body("servers.certificate.fingerprint", everyItem(matchesPattern("[0-9a-f]{64}")))
        .body("servers.certificate.installed", everyItem(is(true)))
        .body("servers[0].rules[0].diff", containsString("+hostssl"))
        .body("servers[0].sessions.before", notNullValue())
        .body(
            "servers[0].probes.find { it.probe == 'plaintextLogin' }.answer",
            containsString("no pg_hba.conf entry"))
        .body("servers[1].replication.sslmode", is(oneOf("verify-full", "verify-ca")))
        .body("servers[1].replication.tried[0]", containsString("handshake with"))
        .body("transitions[0].state", equalTo("PENDING"))
        .body("transitions[-1].state", equalTo("SUCCEEDED"));
    for (RequestSpecification page :
        List.of(given().queryParam("format", "html"), given().accept("text/html,*/*;q=0.8"))) {
      page.get("/v1/jobs/" + job + "/report")
          .then()
          .statusCode(200)
          .contentType("text/html")
          .header("Content-Security-Policy", containsString("style-src 'sha256-"))
          .body(containsString("2 of 2 servers proved"))
          .body(containsString(primary))
          .body(not(containsString("<script")));
    }
    given()
        .queryParam("format", "pdf")
        .get("/v1/jobs/" + job + "/report")
        .then()
        .statusCode(400)
        .body("parameter", equalTo("format"));
  }

  @Test
  void aServiceThatIsKilledInTheMiddleGoesOnAfterItsRestart() {
    try (Application application = Application.start();
        PostgresServer postgres =
            PostgresServer.builder(LATEST).authenticationTimeout(Duration.ofSeconds(4)).start()) {
      io.restassured.RestAssured.requestSpecification = application.replica().admin();
      String server = register(postgres);
      String job = rollout("ENFORCED", authority(), server);
      awaitStep(job, "INSTALL_CERTIFICATE");
      application.replica().kill();
      application.replica().start();
      awaitStep(job, "PROVE_ENFORCED");
      application.replica().kill();
      application.replica().start();

      await(job)
          .body("state", equalTo("SUCCEEDED"))
          .body("steps.state", everyItem(is(oneOf("DONE", "SKIPPED"))));
      assertThat(mode(server)).isEqualTo("ENFORCED");

      await(rollout("DISABLED", null, server)).body("state", equalTo("SUCCEEDED"));
      assertThat(mode(server)).isEqualTo("OFF");
    }
  }

  private static PostgresServer quick(int major) {
    return PostgresServer.builder(major).authenticationTimeout(Duration.ofSeconds(3)).start();
  }

  /** Waits until the step has begun. */
  private static void awaitStep(String job, String kind) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(
            () ->
                given()
                    .get("/v1/jobs/" + job)
                    .then()
                    .extract()
                    .path("steps.find { it.kind == '" + kind + "' }.state"),
            state -> !"PENDING".equals(state));
  }
}
