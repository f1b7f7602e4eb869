package dev.pgseal.it;

import static dev.pgseal.it.TokenOf.bearer;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.startsWith;

import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import io.restassured.path.json.JsonPath;
import io.restassured.response.Response;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class AuditIT {

  @RegisterExtension
  static final SharedPostgres SERVERS =
      new SharedPostgres(builder -> builder.authenticationTimeout(Duration.ofMinutes(1)));

  private final String run = UUID.randomUUID().toString().substring(0, 8);
  private Application application;

  @BeforeEach
  void start() {
    application = Application.shared();
  }

  @Test
  void aCallIsRecordedBeforeItAndAfterItAndWithItsChangeButWithoutItsSecret() {
    Response made =
        given()
            .header("X-Request-Id", "make-" + run)
            .body(Map.of("name", "audited-" + run, "roles", List.of("VIEWER")))
            .post("/v1/tokens");
    made.then().statusCode(201);

    Response audit = given().get("/v1/audit?requestId=make-" + run);

    audit.then().statusCode(200);
    JsonPath entries = audit.jsonPath();
    assertThat(entries.getList("entries.action", String.class))
        .containsExactly("createToken.answered", "api_token.insert", "createToken.requested");
    assertThat(entries.getList("entries.actor", String.class)).containsOnly("bootstrap");
    assertThat(entries.getList("entries.origin", String.class)).containsOnly("127.0.0.1");
    assertThat(entries.getInt("entries[0].after.status")).isEqualTo(201);
    assertThat(entries.getString("entries[1].resource")).isEqualTo("tokens/audited-" + run);
    assertThat(entries.getString("entries[1].after.token_hash")).isEqualTo("(sealed)");
    assertThat(audit.asString()).doesNotContain(made.<String>path("token"));
  }

  @Test
  void aRefusedCallIsRecordedWithItsProblemAndADeniedOneToo() {
    given()
        .header("X-Request-Id", "bad-" + run)
        .body(Map.of("name", "no-roles-" + run))
        .post("/v1/tokens")
        .then()
        .statusCode(400);
    String viewer = TokenOf.role("VIEWER");
    bearer(viewer)
        .header("X-Request-Id", "denied-" + run)
        .body(Map.of("name", "mine-" + run, "roles", List.of("ADMIN")))
        .post("/v1/tokens")
        .then()
        .statusCode(403);

    given()
        .get("/v1/audit?action=createToken.answered&requestId=bad-" + run)
        .then()
        .body("entries[0].after.status", equalTo(400))
        .body("entries[0].after.problem", equalTo("/problems/validation-failed"));
    given()
        .get("/v1/audit?requestId=denied-" + run)
        .then()
        .body("entries.action", equalTo(List.of("createToken.denied")))
        .body("entries[0].actor", startsWith("token-"));
  }

  @Test
  void whatWasDoneToAServerIsFoundUnderItsNameWithWhatItWasBeforeAndAfter() {
    String server = register();

    given()
        .header("X-Request-Id", "off-" + run)
        .body(Map.of("enabled", false))
        .put("/v1/servers/" + server + "/ssl")
        .then()
        .statusCode(200);

    given()
        .get("/v1/audit?server=" + server + "&action=setSsl.answered")
        .then()
        .body("entries[0].before.mode", equalTo("OFF"))
        .body("entries[0].after.mode", equalTo("OFF"))
        .body("entries[0].after.status", equalTo(200));
    given()
        .get("/v1/audit?resource=servers/" + server)
        .then()
        .body("entries.action", hasItem("server.insert"))
        .body("entries.server", everyItem(equalTo(server)));
  }

  @Test
  void theStepsOfAJobAreRecordedBeforeTheyAreTaken() {
    String server = register();
    String job =
        given()
            .body(Map.of("target", "DISABLED", "servers", List.of(server)))
            .post("/v1/rollouts")
            .then()
            .statusCode(202)
            .extract()
            .path("id");
    given().get("/v1/jobs/" + job + "?wait=60s").then().body("state", equalTo("SUCCEEDED"));

    List<String> steps =
        given()
            .get("/v1/audit?pageSize=500&action=job_step&job=" + job)
            .then()
            .body("entries.actor", everyItem(equalTo("pgseal")))
            .extract()
            .path("entries.after.state");

    assertThat(steps).contains("RUNNING", "DONE");
    assertThat(steps.get(steps.size() - 1)).as("the oldest").isEqualTo("RUNNING");
  }

  @Test
  void aWebhookIsRecordedAsItsCallers() {
    given()
        .body(Map.of("name", "hook-" + run, "url", "https://hooks.example.org/pgseal"))
        .post("/v1/webhooks")
        .then()
        .statusCode(201);
    given().delete("/v1/webhooks/hook-" + run).then().statusCode(204);

    assertThat(
            given()
                .get("/v1/audit?resource=webhooks/hook-" + run)
                .jsonPath()
                .getList("entries.actor", String.class))
        .containsOnly("bootstrap");
  }

  @Test
  void whatCannotBeRecordedIsNotDone() throws SQLException {
    String name = "unrecorded-" + run;
    onTheControlDatabase("alter table audit_head rename to audit_head_away");
    try {
      given()
          .body(Map.of("name", name, "roles", List.of("VIEWER")))
          .post("/v1/tokens")
          .then()
          .statusCode(503)
          .body("type", equalTo("/problems/audit-unavailable"));
    } finally {
      onTheControlDatabase("alter table audit_head_away rename to audit_head");
    }

    assertThat(given().get("/v1/tokens?pageSize=500").jsonPath().getList("tokens.name"))
        .doesNotContain(name);
  }

  @Test
  void theExportHasOneEntryInALineOldestFirstAndTheChainIsWhole() {
    Instant since = Instant.now();
    TokenOf.role("VIEWER");
    TokenOf.role("VIEWER");

    Response export =
        given()
            .urlEncodingEnabled(false)
            .accept("application/jsonl")
            .get("/v1/audit:export?action=createToken&since=" + since);

    export.then().statusCode(200).contentType("application/jsonl");
    List<Long> numbers =
        export.asString().lines().map(line -> new JsonPath(line).getLong("number")).toList();
    assertThat(numbers).hasSize(4).isSorted();
    given()
        .urlEncodingEnabled(false)
        .get("/v1/audit:check")
        .then()
        .statusCode(200)
        .body("intact", equalTo(true))
        .body("fault", equalTo(null));
  }

  private String register() {
    String name = "audited-" + run;
    given().body(registration(name)).post("/v1/servers").then().statusCode(201);
    return name;
  }

  private Map<String, Object> registration(String name) {
    PostgresServer server = SERVERS.latest();
    return Map.of(
        "name",
        name,
        "host",
        "127.0.0.1",
        "port",
        server.port(),
        "database",
        "postgres",
        "username",
        PostgresServer.SUPERUSER,
        "password",
        PostgresServer.PASSWORD);
  }

  private void onTheControlDatabase(String sql) throws SQLException {
    try (Connection connection = application.controlDatabase().connect();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
