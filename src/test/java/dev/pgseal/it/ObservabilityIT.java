package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import io.restassured.RestAssured;
import io.restassured.path.json.JsonPath;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A rollout, and one that fails, as logs, metrics and traces tell of them. */
class ObservabilityIT {

  private static final Duration SOON = Duration.ofSeconds(30);
  private static final String SECRET_PASSWORD = PostgresServer.PASSWORD;

  @RegisterExtension
  static final SharedPostgres SERVERS =
      new SharedPostgres(builder -> builder.authenticationTimeout(Duration.ofMinutes(1)));

  private static OtlpListener collector;
  private static Application application;
  private static String job;

  @BeforeAll
  static void rollOut() throws IOException {
    collector = new OtlpListener();
    application =
        Application.start(
            Map.of(
                "quarkus.log.console.json.enabled", "true",
                "quarkus.otel.sdk.disabled", "false",
                "quarkus.otel.exporter.otlp.endpoint", collector.endpoint(),
                "quarkus.otel.exporter.otlp.protocol", "http/protobuf",
                "quarkus.otel.bsp.schedule.delay", "200MS"));
    RestAssured.requestSpecification = application.replica().admin();
    register("orders-db", SERVERS.latest());
    job = rollout("orders-db", "rollout-request");
  }

  @AfterAll
  static void stop() {
    application.close();
    collector.close();
  }

  @BeforeEach
  void askIt() {
    RestAssured.requestSpecification = application.replica().admin();
  }

  private static void register(String name, PostgresServer server) {
    given()
        .body(
            Map.of(
                "name",
                name,
                "host",
                server.host(),
                "port",
                server.port(),
                "username",
                PostgresServer.SUPERUSER,
                "password",
                SECRET_PASSWORD))
        .post("/v1/servers")
        .then()
        .statusCode(201);
  }

  private static String rollout(String server, String requestId) {
    String id =
        given()
            .header("X-Request-Id", requestId)
            .body(Map.of("target", "DISABLED", "servers", List.of(server)))
            .post("/v1/rollouts")
            .then()
            .statusCode(202)
            .extract()
            .path("id");
    given().get("/v1/jobs/" + id + "?wait=60s").then().body("state", equalTo("SUCCEEDED"));
    return id;
  }

  @Test
  void everyStepIsASpanOfTheRequestsTrace() {
    List<String> steps = given().get("/v1/jobs/" + job).path("steps.kind");

    OtlpListener.Span execution = awaitSpan("job rollout");
    OtlpListener.Span request = awaitSpan("POST /v1/rollouts");

    assertThat(execution.trace()).isEqualTo(request.trace());
    assertThat(execution.parent()).isEqualTo(request.id());
    assertThat(execution.attributes())
        .containsEntry("pgseal.job.id", job)
        .containsEntry("pgseal.outcome", "SUCCEEDED");
    List<OtlpListener.Span> below =
        collector.spans().stream()
            .filter(span -> span.parent().equals(execution.id()))
            .filter(span -> span.name().startsWith("step "))
            .toList();
    assertThat(below)
        .extracting(OtlpListener.Span::name)
        .containsExactlyElementsOf(steps.stream().map(kind -> "step " + kind).toList());
    assertThat(below)
        .allSatisfy(
            span -> assertThat(span.attributes()).containsEntry("pgseal.server", "orders-db"));
  }

  private static OtlpListener.Span awaitSpan(String name) {
    return await(name)
        .atMost(SOON)
        .until(
            () -> collector.spans().stream().filter(span -> span.name().equals(name)).findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  @Test
  void everyLineOfTheLogIsJsonAndThoseOfARequestHaveItsIdAndServer() {
    given()
        .header("X-Request-Id", "refused-request")
        .body(Map.of("enabled", "perhaps"))
        .put("/v1/servers/orders-db/ssl")
        .then()
        .statusCode(400);
    given()
        .header("X-Request-Id", "refused-by-state")
        .header("If-Match", "\"99\"")
        .body(Map.of("port", 1))
        .patch("/v1/servers/orders-db")
        .then()
        .statusCode(412);

    assertThat(lineWith("refused-request").getString("mdc.requestId")).isEqualTo("refused-request");
    JsonPath refused = lineWith("refused-by-state");
    assertThat(refused.getString("mdc.requestId")).isEqualTo("refused-by-state");
    assertThat(refused.getString("mdc.server")).isEqualTo("orders-db");
    assertThat(lines()).isNotEmpty().allMatch(line -> line.startsWith("{"));
  }

  @Test
  void linesOfAJobHaveItsIdAndServer() {
    JsonPath line = lineWith("Job " + job + " SUCCEEDED");

    assertThat(line.getString("mdc.job")).isEqualTo(job);
    assertThat(
            lines().stream()
                .map(JsonPath::new)
                .filter(json -> job.equals(json.getString("mdc.job")))
                .map(json -> json.getString("mdc.server")))
        .contains("orders-db");
  }

  @Test
  void noSecretIsInTheLogOrInATrace() {
    lineWith("Job " + job + " SUCCEEDED");
    awaitSpan("job rollout");

    assertThat(application.replica().log())
        .doesNotContain(SECRET_PASSWORD)
        .doesNotContain(application.token());
    assertThat(collector.spans().toString())
        .doesNotContain(SECRET_PASSWORD)
        .doesNotContain(application.token());
  }

  @Test
  void whatOneIsCalledForAtNightIsAMetric() {
    String metrics = given().get("/q/metrics").asString();

    assertThat(metrics)
        .contains("pgseal_job_seconds_count{kind=\"rollout\",outcome=\"SUCCEEDED\"} 1.0")
        .containsPattern(
            "pgseal_job_step_seconds_count\\{kind=\"rollout\",outcome=\"DONE\",step=\"PREFLIGHT\"\\} 1\\.0")
        .containsPattern("pgseal_jobs\\{state=\"RUNNING\"\\} \\d")
        .containsPattern("pgseal_job_waiting_seconds \\d")
        .containsPattern("pgseal_job_engine_lag_seconds \\d");
  }

  @Test
  void aManagedServerThatIsDownDoesNotMakePgsealUnready() {
    PostgresServer gone =
        PostgresServer.builder(18).authenticationTimeout(Duration.ofMinutes(1)).start();
    register("gone", gone);
    gone.close();

    given().get("/v1/servers/gone/connections").then().statusCode(502);
    given().get("/q/health/ready").then().statusCode(200).body("status", equalTo("UP"));
  }

  private static List<String> lines() {
    return application.replica().log().lines().filter(line -> !line.isBlank()).toList();
  }

  private static JsonPath lineWith(String text) {
    return await(text)
        .atMost(SOON)
        .until(
            () ->
                lines().stream().filter(line -> line.contains(text)).map(JsonPath::new).findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }
}
