package dev.pgseal.it;

import static dev.pgseal.it.TokenOf.bearer;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import dev.pgseal.testing.PostgresServer;
import dev.pgseal.webhook.Receiver;
import io.restassured.RestAssured;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Scans, grades, news and metrics of the packaged service. */
class PostureIT {

  private static final int LATEST = 18;

  private static Receiver receiver;
  private static Application application;

  private final String run = UUID.randomUUID().toString().substring(0, 8);

  @BeforeAll
  static void start() throws Exception {
    receiver = new Receiver("127.0.0.1");
    application =
        Application.start(
            Map.of(
                "pgseal.posture.scan-interval", "1s",
                "pgseal.posture.scan-jitter", "100ms",
                "pgseal.posture.metrics-interval", "500ms",
                "pgseal.webhooks.delivery-interval", "500ms",
                "pgseal.webhooks.retry-after", "500ms",
                "pgseal.webhooks.trusted-certificates", receiver.roots().toString()));
  }

  @AfterAll
  static void stop() throws Exception {
    application.close();
    receiver.close();
  }

  @BeforeEach
  void use() {
    RestAssured.requestSpecification = application.replica().admin();
    receiver.behave(Receiver.Manner.TAKES);
    receiver.messages().clear();
  }

  @Test
  void aChangeByHandIsScannedGradedToldAndCounted() {
    try (PostgresServer postgres = PostgresServer.start(LATEST)) {
      String server = Managed.register(postgres);
      Managed.installSelfSigned(server);
      Managed.ssl(server, true).statusCode(200);
      Managed.convert(server, "ENFORCE").statusCode(200);
      scan(server).body("grade", equalTo("A")).body("mode", equalTo("ENFORCED"));
      String onCall = "on-call-" + run;
      String secret = webhook(onCall, Map.of()).extract().path("secret");

      postgres.writeHba(postgres.hba() + "host app app 10.0.0.0/8 trust\n");
      postgres.reload();

      patiently()
          .untilAsserted(
              () ->
                  posture(server)
                      .body("grade", equalTo("F"))
                      .body(
                          "findings.code",
                          hasItems("TRUST_OVER_NETWORK", "PLAINTEXT_ADMITTED", "DRIFT_RULES")));
      patiently().until(() -> receiver.messages().stream().anyMatch(m -> tellsOf(m, server)));
      Receiver.Message news =
          receiver.messages().stream().filter(m -> tellsOf(m, server)).findFirst().orElseThrow();
      assertThat(news.body()).contains("\"before\":\"A\"", "\"after\":\"F\"");
      assertThat(news.isSignedWith(secret)).isTrue();
      given().delete("/v1/webhooks/" + onCall).then().statusCode(204);
      patiently()
          .untilAsserted(
              () ->
                  assertThat(metrics())
                      .contains("pgseal_posture_grade{grade=\"F\",server=\"" + server + "\"} 1.0")
                      .contains("pgseal_posture_grade{grade=\"A\",server=\"" + server + "\"} 0.0")
                      .contains("pgseal_posture_drift{server=\"" + server + "\"} 1.0")
                      .contains("pgseal_posture_reachable{server=\"" + server + "\"} 1.0")
                      .contains("pgseal_posture_plaintext_sessions{server=\"" + server + "\"} 0.0")
                      .contains("pgseal_posture_last_scan_timestamp_seconds{server=\"" + server));

      given().delete("/v1/servers/" + server).then().statusCode(204);
      patiently()
          .untilAsserted(
              () ->
                  assertThat(metrics().lines().filter(l -> l.startsWith("pgseal_posture")))
                      .noneMatch(line -> line.contains(server)));
    }
  }

  private static boolean tellsOf(Receiver.Message message, String server) {
    return message.body().contains("\"" + server + "\"") && message.body().contains("\"F\"");
  }

  @Test
  void aServerThatIsGoneIsUnknownAndTheOthersAreScannedOn() {
    try (PostgresServer alive = PostgresServer.start(LATEST);
        PostgresServer dies = PostgresServer.start(LATEST)) {
      String living = Managed.register(alive);
      String dead = Managed.register(dies);
      dies.stop();

      patiently()
          .untilAsserted(
              () ->
                  posture(dead)
                      .body("grade", equalTo("UNKNOWN"))
                      .body("reachable", equalTo(false))
                      .body("findings.code", equalTo(List.of("UNREACHABLE")))
                      .body("plaintextSessions.count", nullValue()));
      String before = scan(living).extract().path("scannedAt");
      patiently()
          .untilAsserted(
              () ->
                  assertThat(posture(living).extract().<String>path("scannedAt"))
                      .isGreaterThan(before));

      dies.start();
      patiently().untilAsserted(() -> posture(dead).body("reachable", equalTo(true)));
    }
  }

  @Test
  void theFleetIsSelectedPagedExportedAndLimitedToWhatATokenMaySee() {
    try (PostgresServer postgres = PostgresServer.start(LATEST)) {
      String mine = register(postgres, "mine-" + run, Map.of("team", run, "env", "=cmd()"));
      String other = register(postgres, "other-" + run, Map.of("team", "other-" + run));
      scan(mine).body("grade", equalTo("F"));
      scan(other);
      String viewer = TokenOf.of(List.of("VIEWER"), Map.of("team", run));

      given()
          .get("/v1/posture?label=team=" + run + "&grade=F&finding=TLS_OFF")
          .then()
          .statusCode(200)
          .body("servers.server", equalTo(List.of(mine)))
          .body("servers[0].findings", hasItem("PLAINTEXT_ADMITTED"))
          .body("summary.F", equalTo(1))
          .body("summary.A", equalTo(0));
      given().get("/v1/posture?grade=G").then().statusCode(400);
      given().get("/v1/posture?finding=X").then().statusCode(400);
      given()
          .get("/v1/posture?pageSize=1&label=team=" + run)
          .then()
          .body("nextPageToken", nullValue());

      bearer(viewer)
          .get("/v1/posture")
          .then()
          .statusCode(200)
          .body("servers.server", equalTo(List.of(mine)))
          .body("summary.F", equalTo(1));
      bearer(viewer)
          .get("/v1/posture?label=team=other-" + run)
          .then()
          .statusCode(200)
          .body("servers", empty());
      bearer(viewer).get("/v1/servers/" + other + "/posture").then().statusCode(404);
      Response exported = bearer(viewer).accept("text/csv").get("/v1/posture");
      assertThat(exported.statusCode()).isEqualTo(200);
      assertThat(exported.contentType()).isEqualToIgnoringCase("text/csv;charset=utf-8");
      String csv = exported.asString();
      assertThat(csv.split("\r\n")).hasSize(2);
      assertThat(csv)
          .startsWith("server,grade,mode,reachable,plaintextSessions")
          .contains("\r\n" + mine + ",F,OFF,true,0,", "env==cmd();team=" + run)
          .doesNotContain(other);
      given().delete("/v1/servers/" + mine).then().statusCode(204);
      given().delete("/v1/servers/" + other).then().statusCode(204);
    }
  }

  @Test
  void aWebhookShowsItsSecretOnceAndWhatBecameOfEachMessage() {
    String name = "hook-" + run;
    String given = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    webhook(name, Map.of("secret", given, "serverLabels", Map.of("env", "none-" + run)))
        .header("Cache-Control", "no-store")
        .body("secret", equalTo(given))
        .body("enabled", equalTo(true));
    given()
        .get("/v1/webhooks/" + name)
        .then()
        .statusCode(200)
        .body("secret", nullValue())
        .body("url", containsString("/hook"));
    assertThat(given().get("/v1/webhooks").asString()).contains(name).doesNotContain(given);
    given()
        .body(Map.of("name", name, "url", "https://127.0.0.1/"))
        .post("/v1/webhooks")
        .then()
        .statusCode(409);

    test(name).body("state", equalTo("DELIVERED")).body("lastStatus", equalTo(204));
    assertThat(receiver.messages().get(0).isSignedWith(given)).isTrue();
    receiver.behave(Receiver.Manner.REDIRECTS);
    test(name)
        .body("state", equalTo("FAILED"))
        .body("lastProblem", containsString("redirects are not followed"));
    receiver.behave(Receiver.Manner.SENDS_WITHOUT_END);
    test(name).body("state", equalTo("DELIVERED"));
    given()
        .get("/v1/webhooks/" + name + "/deliveries?pageSize=2")
        .then()
        .statusCode(200)
        .body("deliveries.state", equalTo(List.of("DELIVERED", "FAILED")))
        .body("deliveries[0].event", equalTo("PING"))
        .body("nextPageToken", notNullValue());

    given().delete("/v1/webhooks/" + name).then().statusCode(204);
    given().get("/v1/webhooks/" + name).then().statusCode(404);
    assertThat(application.replica().log()).doesNotContain(given.substring(6));
  }

  @Test
  void aWebhookOfAnAddressThatIsRefusedIsNotMade() {
    for (String url :
        List.of(
            "https://169.254.169.254/latest/meta-data",
            "https://[fe80::1]/",
            "https://0.0.0.0/",
            "https://[fd00:ec2::254]/")) {
      given()
          .body(Map.of("name", "bad-" + run, "url", url))
          .post("/v1/webhooks")
          .then()
          .statusCode(422)
          .body("type", equalTo("/problems/address-refused"));
    }
    for (String url : List.of("http://127.0.0.1/", "ftp://example.org/", "nothing")) {
      given()
          .body(Map.of("name", "bad-" + run, "url", url))
          .post("/v1/webhooks")
          .then()
          .statusCode(400);
    }
    given()
        .body(Map.of("name", "bad-" + run, "url", "https://127.0.0.1/", "secret", "hunter2"))
        .post("/v1/webhooks")
        .then()
        .statusCode(400)
        .body("field", equalTo("secret"));
    given().get("/v1/webhooks/bad-" + run).then().statusCode(404);
  }

  private static ValidatableResponse webhook(String name, Map<String, Object> more) {
    var body = new java.util.HashMap<>(more);
    body.put("name", name);
    body.put("url", "https://127.0.0.1:" + receiver.port() + "/hook");
    return given().body(body).post("/v1/webhooks").then().statusCode(201);
  }

  private static ValidatableResponse test(String webhook) {
    return given()
        .urlEncodingEnabled(false)
        .post("/v1/webhooks/" + webhook + ":test")
        .then()
        .statusCode(200);
  }

  private static String register(PostgresServer postgres, String name, Map<String, String> labels) {
    given()
        .body(
            Map.of(
                "name",
                name,
                "host",
                postgres.host(),
                "port",
                postgres.port(),
                "database",
                "postgres",
                "username",
                PostgresServer.SUPERUSER,
                "password",
                PostgresServer.PASSWORD,
                "labels",
                labels))
        .post("/v1/servers")
        .then()
        .statusCode(201);
    return name;
  }

  private static ValidatableResponse posture(String server) {
    return given().get("/v1/servers/" + server + "/posture").then().statusCode(200);
  }

  private static ValidatableResponse scan(String server) {
    return given()
        .urlEncodingEnabled(false)
        .post("/v1/servers/" + server + "/posture:scan")
        .then()
        .statusCode(200);
  }

  private static String metrics() {
    return given().get("/q/metrics").asString();
  }

  private static ConditionFactory patiently() {
    return Awaitility.await().atMost(Duration.ofSeconds(60));
  }
}
