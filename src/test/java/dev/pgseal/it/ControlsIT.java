package dev.pgseal.it;

import static dev.pgseal.it.Managed.mode;
import static dev.pgseal.it.Managed.register;
import static dev.pgseal.it.TokenOf.bearer;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.endsWith;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.ReconnectingClient;
import io.restassured.response.ValidatableResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rollouts that are stopped, let go on, asked for again, and that wait for their window. */
class ControlsIT {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String start =
      LocalTime.now(ZoneOffset.UTC).plusHours(2).truncatedTo(ChronoUnit.HOURS).toString();

  private static PostgresServer postgres;

  @BeforeAll
  static void startServer() {
    postgres = PostgresServer.latest().start();
  }

  @AfterAll
  static void stopServer() {
    postgres.close();
  }

  @BeforeEach
  void use() {
    Application.shared();
  }

  @Test
  void whileItWaitsForItsWindowARolloutIsPausedResumedCancelledAndAskedForAgain() {
    String server = register(postgres);
    String job = rollout(server, Map.of("maintenanceWindow", windowInTwoHours()));
    awaitStep(job, "WINDOW", "waitsUntil");
    given().get("/v1/servers/" + server + "/ssl").then().body("requested", nullValue());
    given()
        .urlEncodingEnabled(false)
        .post("/v1/servers/" + server + "/posture:scan")
        .then()
        .statusCode(200);

    verb(job, "pause")
        .statusCode(200)
        .body("state", equalTo("PAUSED"))
        .body("pausedBy", equalTo("bootstrap"))
        .body("pausedAt", notNullValue());
    verb(job, "pause").statusCode(200).body("state", equalTo("PAUSED"));
    verb(job, "resume")
        .statusCode(200)
        .body("state", equalTo("RUNNING"))
        .body("pausedBy", nullValue());
    verb(job, "resume").statusCode(409).body("type", equalTo("/problems/illegal-state"));
    verb(job, "retry").statusCode(409).body("detail", containsString("has not ended"));
    verb(job, "pause").statusCode(200);
    verb(job, "cancel").statusCode(200);
    Managed.await(job).body("state", equalTo("CANCELLED")).body("pausedBy", nullValue());
    verb(job, "pause").statusCode(409);
    given()
        .get("/v1/jobs/" + job + "/report")
        .then()
        .body("transitions.state", hasItems("PAUSED", "CANCELLING", "CANCELLED"));

    String again =
        verb(job, "retry")
            .statusCode(202)
            .header("Location", containsString("/v1/jobs/"))
            .body("retryOf", equalTo(job))
            .body("request.request.maintenanceWindow.start", startsWith(start))
            .extract()
            .path("id");
    awaitStep(again, "WINDOW", "waitsUntil");
    verb(again, "cancel").statusCode(200);
    Managed.await(again).body("state", equalTo("CANCELLED"));
    given().get("/v1/servers/" + server + "/ssl").then().body("requested", nullValue());
  }

  @Test
  void aRolloutIsPausedBetweenItsStepsAndTakenBackFromThere() {
    try (PostgresServer quick =
            PostgresServer.latest().authenticationTimeout(Duration.ofSeconds(2)).start();
        ReconnectingClient stubborn = new ReconnectingClient(quick, "stubborn", "disable")) {
      await().atMost(PATIENCE).until(() -> stubborn.sessions() > 0);
      String server = register(quick);
      String job =
          rollout(
              server,
              Map.of(
                  "target",
                  "ENFORCED",
                  "observe",
                  Map.of("quietFor", "PT5M"),
                  "stepDeadline",
                  "PT2M"));
      awaitStep(job, "OBSERVE_SESSIONS", "since");

      verb(job, "pause").statusCode(200);

      await().atMost(PATIENCE).until(() -> state(job), "PAUSED"::equals);
      assertThat(
              quick.query(
                  "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'pgseal job/%'"))
          .isEqualTo("0");
      assertThat(mode(server)).isEqualTo("OFFERED");
      verb(job, "cancel").statusCode(200);
      Managed.await(job).body("state", equalTo("CANCELLED"));
      assertThat(mode(server)).isEqualTo("OFF");
      assertThat(stubborn.refusals()).isZero();
    }
  }

  @Test
  void whoeverAsksAgainIsTheRequesterAndNeedsAnotherApproval() {
    String server = register(postgres);
    String ann = TokenOf.of(List.of("OPERATOR", "APPROVER"), Map.of());
    String bob = TokenOf.of(List.of("OPERATOR", "APPROVER"), Map.of());
    String job = rollout(ann, server, Map.of("requireApproval", true));
    await().atMost(PATIENCE).until(() -> state(job), "AWAITING_APPROVAL"::equals);
    verb(job, "pause").statusCode(409).body("hint", containsString(":approve"));
    verb(job, "cancel").statusCode(200);
    Managed.await(job).body("state", equalTo("CANCELLED"));
    bearer(TokenOf.role("APPROVER"))
        .urlEncodingEnabled(false)
        .post("/v1/jobs/" + job + ":retry")
        .then()
        .statusCode(403);

    String again = verb(bob, job, "retry").statusCode(202).extract().path("id");

    await().atMost(PATIENCE).until(() -> state(again), "AWAITING_APPROVAL"::equals);
    verb(bob, again, "approve").statusCode(403).body("type", endsWith("/problems/self-approval"));
    verb(ann, again, "approve").statusCode(200);
    Managed.await(again).body("state", equalTo("SUCCEEDED"));
    verb(again, "retry").statusCode(409).body("detail", containsString("has succeeded"));
  }

  /** It is asked anew, as a beginning of its own. */
  @Test
  void aRolloutThatLeftItsServerHalfWayIsNotRepeatedAsItWas() throws IOException {
    try (PostgresServer quick =
        PostgresServer.latest().authenticationTimeout(Duration.ofSeconds(3)).start()) {
      Path file = quick.dataDirectory().resolve("pg_hba.conf");
      String server = register(quick);
      String job = rollout(server, Map.of("target", "ENFORCED"));
      awaitState(job, "PROVE_ENFORCED", "RUNNING");
      Files.writeString(file, "# somebody's own\n", StandardOpenOption.APPEND);
      verb(job, "cancel").statusCode(200);
      Managed.await(job).body("state", equalTo("FAILED"));
      awaitState(job, "CONVERT_RULES", "UNDO_FAILED");

      verb(job, "retry")
          .statusCode(409)
          .body("detail", containsString("CONVERT_RULES of " + server))
          .body("servers", equalTo(List.of(server)))
          .body("hint", containsString("POST /v1/rollouts"));

      String anew = rollout(server, Map.of("target", "ENFORCED"));
      Managed.await(anew).body("state", equalTo("SUCCEEDED"));
      assertThat(mode(server)).isEqualTo("ENFORCED");
      assertThat(quick.hba()).contains("# somebody's own");
    }
  }

  @Test
  void aWindowThatIsNoneAndADeadlineThatIsTooShortAreRefused() {
    String server = register(postgres);
    refused(server, Map.of("maintenanceWindow", Map.of("start", "22:00", "end", "22:00")))
        .body("field", equalTo("maintenanceWindow.end"));
    refused(
            server,
            Map.of(
                "maintenanceWindow",
                Map.of("start", "22:00", "end", "04:00", "timeZone", "Mars/Olympus")))
        .body("field", equalTo("maintenanceWindow.timeZone"));
    refused(server, Map.of("maintenanceWindow", Map.of("start", "24:00", "end", "04:00")))
        .body("violations[0].field", containsString("start"));
    refused(server, Map.of("stepDeadline", "PT0.9S"))
        .body("violations[0].field", containsString("stepDeadline"));
    given()
        .urlEncodingEnabled(false)
        .body(body(server, Map.of("maintenanceWindow", windowInTwoHours())))
        .post("/v1/rollouts:plan")
        .then()
        .statusCode(200)
        .body("steps[1].kind", equalTo("WINDOW"))
        .body("steps[1].description", containsString(start + " to "));
  }

  private static ValidatableResponse refused(String server, Map<String, Object> more) {
    return given().body(body(server, more)).post("/v1/rollouts").then().statusCode(400);
  }

  private Map<String, Object> windowInTwoHours() {
    return Map.of(
        "start",
        start,
        "end",
        LocalTime.parse(start).plusHours(1).toString(),
        "timeZone",
        "Etc/UTC",
        "days",
        List.of(DayOfWeek.values()));
  }

  private static Map<String, Object> body(String server, Map<String, Object> more) {
    Map<String, Object> body = new HashMap<>();
    body.put("target", "OFFERED");
    body.put("servers", List.of(server));
    body.put("certificate", "SELF_SIGNED");
    body.putAll(more);
    return body;
  }

  private static String rollout(String server, Map<String, Object> more) {
    return accepted(given().body(body(server, more)).post("/v1/rollouts").then());
  }

  private static String rollout(String token, String server, Map<String, Object> more) {
    return accepted(bearer(token).body(body(server, more)).post("/v1/rollouts").then());
  }

  private static String accepted(ValidatableResponse response) {
    return response.statusCode(202).extract().path("id");
  }

  private static void awaitStep(String job, String kind, String observed) {
    await(kind + " " + observed)
        .atMost(PATIENCE)
        .until(
            () ->
                given()
                    .get("/v1/jobs/" + job)
                    .then()
                    .extract()
                    .path("steps.find { it.kind == '%s' }.observed.%s".formatted(kind, observed)),
            found -> found != null);
  }

  private static void awaitState(String job, String kind, String state) {
    await(kind + " " + state)
        .atMost(PATIENCE)
        .until(
            () ->
                given()
                    .get("/v1/jobs/" + job)
                    .then()
                    .extract()
                    .path("steps.find { it.kind == '%s' }.state".formatted(kind)),
            state::equals);
  }

  private static String state(String job) {
    return given().get("/v1/jobs/" + job).then().statusCode(200).extract().path("state");
  }

  private static ValidatableResponse verb(String job, String verb) {
    return given().urlEncodingEnabled(false).post("/v1/jobs/" + job + ":" + verb).then();
  }

  private static ValidatableResponse verb(String token, String job, String verb) {
    return bearer(token).urlEncodingEnabled(false).post("/v1/jobs/" + job + ":" + verb).then();
  }
}
