package dev.pgseal.it;

import static dev.pgseal.it.TokenOf.bearer;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.nullValue;

import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Two servers, and a token that is good for the one with its label. */
class ScopedTokenIT {

  @RegisterExtension
  static final SharedPostgres SERVERS =
      new SharedPostgres(builder -> builder.authenticationTimeout(Duration.ofMinutes(1)));

  /** A rollout takes no server twice. */
  private static final int ANOTHER = 17;

  private final String run = UUID.randomUUID().toString().substring(0, 8);
  private final Map<String, String> labels = Map.of("env", "test-" + run);
  private final String mine = "mine-" + run;
  private final String other = "other-" + run;
  private Application application;
  private String operator;

  @BeforeEach
  void start() {
    application = Application.shared();
    given().body(registration(mine, labels)).post("/v1/servers").then().statusCode(201);
    given()
        .body(registration(SERVERS.on(ANOTHER), other, Map.of("env", "prod-" + run)))
        .post("/v1/servers")
        .then()
        .statusCode(201);
    operator = TokenOf.of(List.of("OPERATOR"), labels);
  }

  @Test
  void anotherServerIsAnsweredLikeOneThatDoesNotExist() {
    for (String path :
        List.of(
            "", "/ssl", "/hba", "/ident", "/connections", "/renewal", "/client-authentication")) {
      Response hidden = bearer(operator).get("/v1/servers/" + other + path);
      Response missing = bearer(operator).get("/v1/servers/none-" + run + path);

      assertThat(hidden.statusCode()).as(path).isEqualTo(404);
      assertThat(likeTheMissing(hidden)).as(path).isEqualTo(likeTheMissing(missing));
    }
    bearer(operator).get("/v1/servers/" + mine + "/connections").then().statusCode(200);
    bearer(operator).get("/v1/servers/" + mine).then().statusCode(200);
  }

  private String likeTheMissing(Response answer) {
    return answer
        .asString()
        .replace(other, "NAME")
        .replace("none-" + run, "NAME")
        .replace(answer.header("X-Request-Id"), "ID");
  }

  @Test
  void anotherServerIsNotChanged() {
    bearer(operator)
        .body(Map.of("enabled", true))
        .put("/v1/servers/" + other + "/ssl")
        .then()
        .statusCode(404);
    bearer(operator)
        .body(Map.of("labels", labels))
        .patch("/v1/servers/" + other)
        .then()
        .statusCode(404);
    bearer(operator)
        .body(Map.of("target", "OFFERED", "servers", List.of(mine, other)))
        .post("/v1/rollouts")
        .then()
        .statusCode(404)
        .body("server", equalTo(other));
    bearer(operator)
        .urlEncodingEnabled(false)
        .body(Map.of("target", "OFFERED", "servers", List.of(other)))
        .post("/v1/rollouts:plan")
        .then()
        .statusCode(404);
    given().get("/v1/servers/" + other).then().statusCode(200).header("ETag", "\"1\"");
  }

  @Test
  void listsAreFilteredAndPagesStayFull() {
    for (int i = 0; i < 3; i++) {
      given()
          .body(registration("a-" + i + "-" + run, Map.of("env", "prod-" + run)))
          .post("/v1/servers")
          .then()
          .statusCode(201);
      given()
          .body(registration("z-" + i + "-" + run, labels))
          .post("/v1/servers")
          .then()
          .statusCode(201);
    }

    String next =
        bearer(operator)
            .get("/v1/servers?pageSize=2")
            .then()
            .body("servers.name", equalTo(List.of(mine, "z-0-" + run)))
            .extract()
            .path("nextPageToken");
    bearer(operator)
        .get("/v1/servers?pageSize=2&pageToken=" + next)
        .then()
        .body("servers.name", equalTo(List.of("z-1-" + run, "z-2-" + run)));
    bearer(operator)
        .get("/v1/servers?label=env=prod-" + run)
        .then()
        .statusCode(200)
        .body("servers", empty());
  }

  @Test
  void aServerCannotBeRegisteredOutsideNorLeave() {
    bearer(operator)
        .body(registration("new-" + run, Map.of("env", "prod")))
        .post("/v1/servers")
        .then()
        .statusCode(403)
        .body("type", equalTo("/problems/forbidden"))
        .body("serverLabels", equalTo(labels));
    bearer(operator)
        .body("{\"labels\": {\"env\": \"prod\"}}")
        .patch("/v1/servers/" + mine)
        .then()
        .statusCode(403);
    bearer(operator)
        .body("{\"labels\": {\"team\": \"a\"}}")
        .patch("/v1/servers/" + mine)
        .then()
        .statusCode(200);
    Map<String, String> more = new HashMap<>(labels);
    more.put("team", "b");
    bearer(operator)
        .body(registration("new-" + run, more))
        .post("/v1/servers")
        .then()
        .statusCode(201);
  }

  @Test
  void jobsThatTouchAnotherServerAreNotThere() {
    String visible = job(mine);
    String hidden = job(mine, other);
    String fleet = job();

    bearer(operator)
        .get("/v1/jobs?pageSize=500")
        .then()
        .body("jobs.id", hasItem(visible))
        .body("jobs.id", not(hasItem(hidden)))
        .body("jobs.id", not(hasItem(fleet)));
    bearer(operator).get("/v1/jobs/" + visible).then().statusCode(200);
    for (String job : List.of(hidden, fleet)) {
      bearer(operator).get("/v1/jobs/" + job).then().statusCode(404);
      bearer(operator).get("/v1/jobs/" + job + "/events").then().statusCode(404);
      post("/v1/jobs/" + job + ":cancel").statusCode(404);
      post("/v1/jobs/" + job + ":continue").statusCode(404);
      given().get("/v1/jobs/" + job).then().statusCode(200).body("state", equalTo("RUNNING"));
    }
    post("/v1/jobs/" + visible + ":cancel").statusCode(200);
  }

  /** It waits for its window all the while. */
  @Test
  void aFleetThatTouchesAnotherServerIsNotThereButItsJobForOnesOwnIs() {
    String start =
        LocalTime.now(ZoneOffset.UTC).plusHours(2).truncatedTo(ChronoUnit.HOURS).toString();
    String fleet =
        fleet(
            Map.of(
                "maintenanceWindow",
                Map.of("start", start, "end", LocalTime.parse(start).plusMinutes(5).toString())));
    String own = child(fleet, mine);
    String hidden = child(fleet, other);

    bearer(operator)
        .get("/v1/jobs?pageSize=500")
        .then()
        .body("jobs.id", hasItem(own))
        .body("jobs.id", not(hasItem(hidden)))
        .body("jobs.id", not(hasItem(fleet)))
        .body(not(containsString(other)));
    bearer(operator)
        .get("/v1/jobs?parent=" + fleet)
        .then()
        .statusCode(200)
        .body("jobs.id", equalTo(List.of(own)));
    for (String job : List.of(fleet, hidden)) {
      for (String path : List.of("", "/events", "/report")) {
        bearer(operator).get("/v1/jobs/" + job + path).then().statusCode(404);
      }
      for (String verb : List.of("cancel", "pause", "resume", "continue", "retry")) {
        post("/v1/jobs/" + job + ":" + verb).statusCode(404);
      }
      bearer(TokenOf.of(List.of("APPROVER"), labels))
          .urlEncodingEnabled(false)
          .post("/v1/jobs/" + job + ":approve")
          .then()
          .statusCode(404);
    }
    given()
        .get("/v1/jobs/" + fleet)
        .then()
        .body("state", equalTo("RUNNING"))
        .body("pausedBy", nullValue());
    post("/v1/jobs/" + own + ":cancel").statusCode(200).body("state", equalTo("CANCELLED"));
    given().get("/v1/jobs/" + hidden).then().body("state", equalTo("PENDING"));
    given().urlEncodingEnabled(false).post("/v1/jobs/" + fleet + ":cancel").then().statusCode(200);
  }

  /** There is no certificate to turn ssl on with; the first wave fails, the second never begins. */
  @Test
  void whatBecameOfAnotherServerIsNotToldByTheJobForOnesOwn() {
    String fleet = fleet(Map.of("waves", List.of(Map.of("count", 1), Map.of("percent", 100))));
    Managed.await(fleet)
        .body("state", equalTo("FAILED"))
        .body("problem.failures.server", equalTo(List.of(other)));
    String own = child(fleet, mine);

    bearer(operator)
        .get("/v1/jobs/" + own)
        .then()
        .statusCode(200)
        .body("state", equalTo("CANCELLED"))
        .body("parent", equalTo(fleet))
        .body("problem.type", equalTo("/problems/too-many-failures"));
    for (String path : List.of("", "/events", "/report")) {
      assertThat(bearer(operator).get("/v1/jobs/" + own + path).asString())
          .as(path)
          .doesNotContain(other);
    }
    String again = post("/v1/jobs/" + own + ":retry").statusCode(202).extract().path("id");
    assertThat(bearer(operator).get("/v1/jobs/" + again).asString()).doesNotContain(other);
    Managed.await(again).body("state", not(equalTo("SUCCEEDED")));
  }

  private String fleet(Map<String, Object> more) {
    Map<String, Object> body = new HashMap<>(more);
    body.put("target", "OFFERED");
    body.put("certificate", "PRESENT");
    body.put("servers", List.of(other, mine));
    return given().body(body).post("/v1/rollouts").then().statusCode(202).extract().path("id");
  }

  private String child(String fleet, String server) {
    return given()
        .get("/v1/jobs/" + fleet)
        .then()
        .extract()
        .path("steps.find { it.server == '%s' }.observed.job".formatted(server));
  }

  private ValidatableResponse post(String path) {
    return bearer(operator).urlEncodingEnabled(false).post(path).then();
  }

  /** Rows that no replica runs. */
  private String job(String... servers) {
    UUID id = UUID.randomUUID();
    PostgresServer database = application.controlDatabase();
    database.execute(
        "insert into job (id, kind, state, request, requested_by, last_event_id) values ('%s', 'by-hand', 'RUNNING', '{}', 'ann', 0)"
            .formatted(id));
    for (int i = 0; i < servers.length; i++) {
      database.execute(
          "insert into job_server (job_id, server_id, unfinished) select '%s', id, false from server where name = '%s'"
              .formatted(id, servers[i]),
          "insert into job_step (job_id, position, server, kind, description, state, observed) values ('%s', %d, '%s', 'STEP', 'Step', 'RUNNING', '{}')"
              .formatted(id, i, servers[i]));
    }
    return id.toString();
  }

  @Test
  void certificatesOfAnotherServerAreNotThereAndNoneIsIssuedForOtherNames() {
    String authority = Managed.authority();
    String own = issued(authority, mine);
    String hidden = issued(authority, other);

    bearer(operator)
        .get("/v1/certificates?authority=" + authority)
        .then()
        .body("certificates.id", equalTo(List.of(own)));
    bearer(operator).get("/v1/certificates/" + own).then().statusCode(200);
    bearer(operator).get("/v1/certificates/" + hidden).then().statusCode(404);
    bearer(operator).get("/v1/certificates/" + hidden + "/chain").then().statusCode(404);
    bearer(operator).get("/v1/certificates?server=" + other).then().statusCode(404);

    issue(Map.of("authority", authority, "purpose", "SERVER", "server", mine), 201);
    issue(Map.of("authority", authority, "purpose", "SERVER", "server", other), 404);
    issue(Map.of("authority", authority, "purpose", "CLIENT", "commonName", "postgres"), 403);
    issue(Map.of("authority", authority, "purpose", "SERVER", "endpoints", List.of("db")), 403);
    issue(
        Map.of(
            "authority", authority, "purpose", "SERVER", "server", mine, "endpoints", List.of("x")),
        403);
  }

  private String issued(String authority, String server) {
    return given()
        .body(Map.of("authority", authority, "purpose", "SERVER", "server", server))
        .post("/v1/certificates")
        .then()
        .statusCode(201)
        .extract()
        .path("certificate.id");
  }

  private void issue(Map<String, Object> request, int status) {
    bearer(operator).body(request).post("/v1/certificates").then().statusCode(status);
  }

  @Test
  void secretsInRulesAreForOperators() {
    String viewer = TokenOf.of(List.of("VIEWER"), labels);
    String hba = "/v1/servers/" + mine + "/hba";
    String etag = bearer(operator).get(hba).header("ETag");
    bearer(operator)
        .header("If-Match", etag)
        .body(
            Map.of(
                "rule",
                "hostssl other_db all 192.0.2.0/24 radius radiusservers=192.0.2.9 radiussecrets=hush # radiussecrets=hush"))
        .post(hba + "/rules")
        .then()
        .statusCode(200)
        .body(containsString("hush"));

    bearer(operator).get(hba).then().statusCode(200).body(containsString("hush"));
    bearer(viewer)
        .get(hba)
        .then()
        .statusCode(200)
        .body(containsString("radiussecrets"))
        .body(not(containsString("hush")));
    bearer(viewer)
        .urlEncodingEnabled(false)
        .body(
            Map.of(
                "database",
                "other_db",
                "username",
                "x",
                "clientAddress",
                "192.0.2.1",
                "transport",
                "TLS"))
        .post(hba + ":evaluate")
        .then()
        .statusCode(200)
        .body("decision", equalTo("DECIDED"))
        .body(not(containsString("hush")));
    bearer(viewer).accept("text/plain").get(hba).then().statusCode(403);
    bearer(operator).accept("text/plain").get(hba).then().body(containsString("hush"));
  }

  private static Map<String, Object> registration(String name, Map<String, String> labels) {
    return registration(SERVERS.latest(), name, labels);
  }

  private static Map<String, Object> registration(
      PostgresServer postgres, String name, Map<String, String> labels) {
    return Map.of(
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
        "labels",
        labels);
  }
}
