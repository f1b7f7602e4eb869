package dev.pgseal.it;

import static dev.pgseal.it.TokenOf.bearer;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThanOrEqualTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import dev.pgseal.testing.PostgresServer;
import io.restassured.RestAssured;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;

/** Rollouts that a second person has to approve, on a real server. */
@TestInstance(Lifecycle.PER_CLASS)
class ApprovalIT {

  private static final int LATEST = 18;
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Map<String, String> PROD = Map.of("env", "prod");

  private PostgresServer postgres;
  private Application application;

  @BeforeAll
  void start() {
    postgres = PostgresServer.builder(LATEST).start();
    application =
        Application.start(
            Map.of(
                "pgseal.approval.server-labels", "env=prod",
                "pgseal.approval.check-interval", "PT1S"));
  }

  @BeforeEach
  void use() {
    RestAssured.requestSpecification = application.replica().admin();
  }

  @AfterAll
  void stop() {
    application.close();
    postgres.close();
  }

  @Test
  void nothingIsChangedUntilSomebodyElseApprovesAndThenItGoesOn() {
    try (PostgresServer fresh = PostgresServer.builder(LATEST).start()) {
      String server = register(fresh, Map.of());
      String requester = TokenOf.of(List.of("OPERATOR", "APPROVER"), Map.of());
      String job = requested(requester, server, true);

      awaitWaiting(job);
      assertThat(fresh.query("show ssl")).isEqualTo("off");
      given().get("/v1/servers/" + server + "/ssl").then().body("requested", nullValue());
      approve(requester, job)
          .statusCode(403)
          .contentType("application/problem+json")
          .body("type", equalTo("/problems/self-approval"))
          .body("hint", containsString("APPROVER"));
      verb(requester, job, "continue").statusCode(409).body("hint", containsString(":approve"));
      approve(TokenOf.role("OPERATOR"), job)
          .statusCode(403)
          .body("type", equalTo("/problems/forbidden"));
      awaitWaiting(job);

      Token approver = token("APPROVER");
      approve(approver.value(), job)
          .statusCode(200)
          .body("state", equalTo("RUNNING"))
          .body("approvedBy", equalTo(approver.name()));

      Managed.await(job)
          .body("state", equalTo("SUCCEEDED"))
          .body("approvedBy", equalTo(approver.name()))
          .body(approval("observed.approvedBy"), equalTo(approver.name()))
          .body(approval("observed.waitedSeconds"), greaterThanOrEqualTo(0))
          .body(approval("state"), equalTo("DONE"));
      assertThat(fresh.query("show ssl")).isEqualTo("on");
      assertThat(
              application
                  .controlDatabase()
                  .query(
                      "select data ->> 'approvedBy' from job_event where job_id = '%s' and actor = '%s'"
                          .formatted(job, approver.name())))
          .isEqualTo(approver.name());
      approve(TokenOf.role("APPROVER"), job).statusCode(409);
    }
  }

  @Test
  void tokensThatOneMadeOfTheOtherAreOnePerson() {
    String server = register(postgres, Map.of());
    Token requester = token("ADMIN");
    Token child = requester.makes("ADMIN");
    Token grandchild = child.makes("APPROVER");
    Token other = token("ADMIN");

    String job = requested(requester.value(), server, true);
    awaitWaiting(job);
    for (Token same : List.of(requester, child, grandchild)) {
      approve(same.value(), job).statusCode(403).body("type", equalTo("/problems/self-approval"));
    }
    // its maker, with which it was made
    approve(application.token(), job)
        .statusCode(403)
        .body("type", equalTo("/problems/self-approval"));
    // that the one between is gone changes nothing
    given().delete("/v1/tokens/" + child.name()).then().statusCode(204);
    approve(grandchild.value(), job).statusCode(403);
    approve(other.value(), job).statusCode(200);
    Managed.await(job).body("state", equalTo("SUCCEEDED"));

    String byGrandchild = requested(other.makes("OPERATOR").value(), server, true);
    awaitWaiting(byGrandchild);
    approve(other.value(), byGrandchild)
        .statusCode(403)
        .body("type", equalTo("/problems/self-approval"));
    cancelAndAwait(byGrandchild);
  }

  @Test
  void whoeverWaitsCanBeCancelledAndNothingWasChanged() {
    try (PostgresServer fresh = PostgresServer.builder(LATEST).start()) {
      String server = register(fresh, Map.of());
      String hba = fresh.hba();
      String job = requested(TokenOf.role("OPERATOR"), server, true);
      awaitWaiting(job);

      cancelAndAwait(job);

      assertThat(fresh.query("show ssl")).isEqualTo("off");
      assertThat(fresh.hba()).isEqualTo(hba);
      approve(TokenOf.role("APPROVER"), job).statusCode(409);
    }
  }

  @Test
  void onServersWithTheLabelItCannotBeLeftOutNorTheLabelTakenOff() {
    String server = register(postgres, PROD);
    String operator = TokenOf.role("OPERATOR");
    bearer(operator)
        .urlEncodingEnabled(false)
        .body(rollout(server, null))
        .post("/v1/rollouts:plan")
        .then()
        .statusCode(200)
        .body("steps.kind", hasItem("APPROVAL"));
    bearer(operator)
        .body("{\"labels\": {\"env\": \"test\"}}")
        .patch("/v1/servers/" + server)
        .then()
        .statusCode(403)
        .body("hint", containsString("admin"));

    String job = requested(operator, server, false);

    awaitWaiting(job);
    cancelAndAwait(job);
    given()
        .body("{\"labels\": {\"env\": \"test\"}}")
        .patch("/v1/servers/" + server)
        .then()
        .statusCode(200);
    bearer(operator)
        .urlEncodingEnabled(false)
        .body(rollout(server, null))
        .post("/v1/rollouts:plan")
        .then()
        .body("steps.kind", not(hasItem("APPROVAL")));
  }

  @Test
  void anApproverOfSomeServersSeesWhatWaitsOnThemOnly() {
    String server = register(postgres, PROD);
    String job = requested(TokenOf.role("OPERATOR"), server, null);
    awaitWaiting(job);

    approve(TokenOf.of(List.of("APPROVER"), Map.of("env", "test")), job).statusCode(404);
    String approver = TokenOf.of(List.of("APPROVER"), PROD);
    bearer(approver)
        .get("/v1/jobs?state=AWAITING_APPROVAL")
        .then()
        .statusCode(200)
        .body("jobs.id", hasItem(job));
    approve(approver, job).statusCode(200);
    Managed.await(job).body("state", equalTo("SUCCEEDED"));
  }

  @Test
  void itStillWaitsAfterTheServiceWasKilled() {
    String server = register(postgres, PROD);
    String job = requested(TokenOf.role("OPERATOR"), server, null);
    awaitWaiting(job);
    String approver = TokenOf.role("APPROVER");

    application.replica().kill();
    application.replica().start();

    awaitWaiting(job);
    approve(approver, job).statusCode(200);
    application.replica().kill();
    application.replica().start();
    Managed.await(job).body("state", equalTo("SUCCEEDED"));
  }

  @Test
  void whatNobodyApprovesIsCancelledAfterAWhile() {
    String server = register(postgres, PROD);
    String job = requested(TokenOf.role("OPERATOR"), server, null);
    awaitWaiting(job);

    application
        .controlDatabase()
        .execute(
            "update job_step set started_at = started_at - interval '8 days' where job_id = '%s'"
                .formatted(job));

    Managed.await(job).body("state", equalTo("CANCELLED")).body("cancelledBy", equalTo("pgseal"));
  }

  private static String approval(String member) {
    return "steps.find { it.kind == 'APPROVAL' }." + member;
  }

  private static String requested(String token, String server, Boolean requireApproval) {
    return bearer(token)
        .body(rollout(server, requireApproval))
        .post("/v1/rollouts")
        .then()
        .statusCode(202)
        .extract()
        .path("id");
  }

  /** To TLS and no further: that takes no time. */
  private static Map<String, Object> rollout(String server, Boolean requireApproval) {
    Map<String, Object> body = new HashMap<>();
    body.put("target", "OFFERED");
    body.put("servers", List.of(server));
    body.put("certificate", "SELF_SIGNED");
    if (requireApproval != null) {
      body.put("requireApproval", requireApproval);
    }
    return body;
  }

  private static void awaitWaiting(String job) {
    await(job)
        .atMost(PATIENCE)
        .until(
            () -> given().get("/v1/jobs/" + job).then().statusCode(200).extract().path("state"),
            "AWAITING_APPROVAL"::equals);
  }

  private static void cancelAndAwait(String job) {
    given().urlEncodingEnabled(false).post("/v1/jobs/" + job + ":cancel").then().statusCode(200);
    Managed.await(job).body("state", equalTo("CANCELLED"));
  }

  private static ValidatableResponse approve(String token, String job) {
    return verb(token, job, "approve");
  }

  private static ValidatableResponse verb(String token, String job, String verb) {
    return bearer(token).urlEncodingEnabled(false).post("/v1/jobs/" + job + ":" + verb).then();
  }

  private static String register(PostgresServer postgres, Map<String, String> labels) {
    String name = "db-" + UUID.randomUUID().toString().substring(0, 8);
    given()
        .body(
            Map.of(
                "name",
                name,
                "host",
                postgres.host(),
                "port",
                postgres.port(),
                "username",
                PostgresServer.SUPERUSER,
                "password",
                PostgresServer.PASSWORD,
                "endpoints",
                List.of("localhost"),
                "labels",
                labels))
        .post("/v1/servers")
        .then()
        .statusCode(201);
    return name;
  }

  private record Token(String name, String value) {

    Token makes(String role) {
      return made(value, role);
    }
  }

  private Token token(String role) {
    return made(application.token(), role);
  }

  private static Token made(String by, String role) {
    String name = "token-" + UUID.randomUUID();
    return new Token(
        name,
        bearer(by)
            .body(Map.of("name", name, "roles", List.of(role)))
            .post("/v1/tokens")
            .then()
            .statusCode(201)
            .extract()
            .path("token"));
  }
}
