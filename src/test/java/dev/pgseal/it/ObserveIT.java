package dev.pgseal.it;

import static dev.pgseal.it.Managed.authority;
import static dev.pgseal.it.Managed.mode;
import static dev.pgseal.it.Managed.register;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.contains;
import static org.hamcrest.Matchers.containsInAnyOrder;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.notNullValue;

import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.ReconnectingClient;
import io.restassured.response.ValidatableResponse;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Clients of a server that goes to enforced TLS, as its owner is told of them. */
class ObserveIT {

  private static final int LATEST = 18;
  private static final Duration PATIENCE = Duration.ofSeconds(90);

  @BeforeEach
  void start() {
    Application.shared();
  }

  @Test
  void whoInsistsOnPlaintextIsFoundBeforeItIsRefusedAndTheRolloutWaitsForAPerson()
      throws SQLException {
    try (PostgresServer postgres = quick();
        ReconnectingClient stubborn = new ReconnectingClient(postgres, "stubborn", "disable");
        ReconnectingClient pool = new ReconnectingClient(postgres, "pool", "prefer");
        Connection busy = inTransaction(postgres, "report")) {
      await().atMost(PATIENCE).until(() -> stubborn.sessions() > 0 && pool.sessions() > 0);
      String server = register(postgres);
      String job = rollout(server, Map.of("quietFor", "PT2S", "deadline", "PT6S"), Map.of());

      awaitState(job, "AWAITING_APPROVAL")
          .body(
              clients("username + ' ' + it.applicationName + ' ' + it.clientAddress"),
              containsInAnyOrder(
                  "postgres stubborn 127.0.0.1",
                  "postgres pool 127.0.0.1",
                  "postgres report 127.0.0.1"))
          .body(verdictOf("stubborn"), equalTo("PLAINTEXT_BY_CHOICE"))
          .body(verdictOf("pool"), equalTo("STALE"))
          .body(verdictOf("report"), equalTo("BUSY"))
          .body(observed("waitsFor"), containsString(":continue"));
      assertThat(mode(server)).isEqualTo("OFFERED");
      assertThat(stubborn.refusals()).as("nobody was refused").isZero();
      assertThat(pool.refusals()).isZero();
      assertThat(busy.isValid(5)).as("never ended in its transaction").isTrue();
      busy.commit();

      given()
          .urlEncodingEnabled(false)
          .post("/v1/jobs/" + job + ":continue")
          .then()
          .statusCode(200);

      awaitState(job, "SUCCEEDED")
          .body(observed("approvedBy"), notNullValue())
          .body(observed("waitedSeconds"), greaterThanOrEqualTo(0))
          .body(observed("outcome"), equalTo("accepted"))
          .body(step("DRAIN", "endedInsideTransaction"), equalTo(List.of()))
          .body(step("PROVE_ENFORCED", "provedAt"), notNullValue())
          .body(step("PROVE_ENFORCED", "plaintextSessions"), equalTo(0));
      await().atMost(PATIENCE).until(() -> stubborn.refusals() > 0);
      assertThat(pool.refusals()).isZero();
    }
  }

  @Test
  void excludedSessionsStayAndTheProofNamesThem() throws SQLException {
    try (PostgresServer postgres = quick();
        Connection nightly = client(postgres, "nightly");
        Connection other = client(postgres, "other")) {
      String server = register(postgres);

      String job =
          rollout(
              server,
              Map.of("quietFor", "PT1S"),
              Map.of(
                  "applicationNames", List.of("nightly"), "clientAddresses", List.of("fd00::/8")));

      awaitState(job, "SUCCEEDED")
          .body(clients("applicationName"), contains("other"))
          .body(step("PROVE_ENFORCED", "excluded.applicationName"), contains("nightly"))
          .body(step("PROVE_ENFORCED", "plaintextSessions"), equalTo(1));
      assertThat(nightly.isValid(5)).isTrue();
      assertThat(other.isValid(5)).isFalse();
      assertThat(mode(server)).isEqualTo("ENFORCED");
    }
  }

  @Test
  void whatMakesNoSenseIsRefused() {
    Map<String, Object> body = new HashMap<>();
    body.put("target", "ENFORCED");
    body.put("servers", List.of("nowhere"));
    try (PostgresServer postgres = quick()) {
      body.put("servers", List.of(register(postgres)));
      body.put("exclude", Map.of("clientAddresses", List.of("db.example.com")));
      plan(body)
          .statusCode(400)
          .body("type", equalTo("/problems/validation-failed"))
          .body("field", equalTo("exclude.clientAddresses"));
      body.put("exclude", Map.of());
      body.put("observe", Map.of("quietFor", "PT1H", "deadline", "PT1M"));
      plan(body).statusCode(400).body("field", equalTo("observe.deadline"));
      body.put("observe", Map.of("quietFor", "-PT1H"));
      plan(body).statusCode(400);
    }
  }

  private static ValidatableResponse plan(Map<String, Object> body) {
    return given().urlEncodingEnabled(false).body(body).post("/v1/rollouts:plan").then();
  }

  private static String rollout(
      String server, Map<String, Object> observe, Map<String, Object> exclude) {
    return given()
        .body(
            Map.of(
                "target",
                "ENFORCED",
                "servers",
                List.of(server),
                "authority",
                authority(),
                "observe",
                observe,
                "exclude",
                exclude))
        .post("/v1/rollouts")
        .then()
        .statusCode(202)
        .extract()
        .path("id");
  }

  private static ValidatableResponse awaitState(String job, String state) {
    await("the job is " + state)
        .atMost(PATIENCE)
        .untilAsserted(() -> given().get("/v1/jobs/" + job).then().body("state", equalTo(state)));
    return given().get("/v1/jobs/" + job).then();
  }

  private static String observed(String member) {
    return step("OBSERVE_SESSIONS", member);
  }

  private static String clients(String member) {
    return observed("clients.collect { it." + member + " }");
  }

  private static String verdictOf(String application) {
    return observed("clients.find { it.applicationName == '" + application + "' }.verdict");
  }

  private static String step(String kind, String member) {
    return "steps.find { it.kind == '" + kind + "' }.observed." + member;
  }

  private static PostgresServer quick() {
    return PostgresServer.builder(LATEST).authenticationTimeout(Duration.ofSeconds(3)).start();
  }

  private static Connection client(PostgresServer postgres, String name) throws SQLException {
    return postgres.connect(
        PostgresServer.SUPERUSER,
        Map.of("password", PostgresServer.PASSWORD, "sslmode", "disable", "ApplicationName", name));
  }

  private static Connection inTransaction(PostgresServer postgres, String name)
      throws SQLException {
    Connection connection = client(postgres, name);
    connection.setAutoCommit(false);
    try (var statement = connection.createStatement()) {
      statement.execute("select 1");
    }
    return connection;
  }
}
