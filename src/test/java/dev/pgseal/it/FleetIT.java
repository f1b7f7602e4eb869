package dev.pgseal.it;

import static dev.pgseal.it.Managed.authority;
import static dev.pgseal.it.Managed.mode;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.ReconnectingClient;
import io.restassured.path.json.JsonPath;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Many servers in one rollout. With {@code -Dpgseal.full=true} they are 30, else 6: it prints what
 * became of each.
 */
class FleetIT {

  private static final int LATEST = 18;
  private static final boolean FULL = Boolean.getBoolean("pgseal.full");
  private static final int SERVERS = FULL ? 30 : 6;

  /** In the second wave. */
  private static final int BAD = 1;

  private static final Duration PATIENCE = Duration.ofMinutes(5);

  private final List<PostgresServer> servers = new ArrayList<>();

  @BeforeEach
  void start() {
    Application.shared();
    IntStream.range(0, SERVERS).forEach(i -> servers.add(quick()));
  }

  @AfterEach
  void stop() {
    servers.forEach(PostgresServer::close);
  }

  @Test
  void allButTheOneThatAlwaysFailsAreEnforcedWaveByWaveAndThatOneIsAsItWas() throws SQLException {
    List<String> names = servers.stream().map(Managed::register).toList();
    String hbaBefore = servers.get(BAD).hba();
    try (ReconnectingClient stubborn =
        new ReconnectingClient(servers.get(BAD), "stubborn", "disable")) {
      await().atMost(PATIENCE).until(() -> stubborn.sessions() > 0);

      String job = fleet(names);
      JsonPath ended = ended(job);

      print(ended);
      assertThat(ended.getString("state")).isEqualTo("SUCCEEDED");
      assertThat(ended.getList("steps.findAll { it.kind == 'WAVE' }.state", String.class))
          .containsExactly("DONE", "DONE", "DONE");
      for (int i = 0; i < SERVERS; i++) {
        assertThat(mode(names.get(i))).isEqualTo(i == BAD ? "OFF" : "ENFORCED");
        assertThat(step(ended, names.get(i), "state")).isEqualTo(i == BAD ? "UNDONE" : "DONE");
      }
      assertThat(servers.get(BAD).hba()).isEqualTo(hbaBefore);
      assertThat(stubborn.refusals()).as("nobody was refused where it failed").isZero();
      assertWaves(ended);
      assertReport(job, names.get(BAD));
    }
    assertThatTheOneIsTakenOnAgain(names.get(BAD));
  }

  /** Its client is gone now: {@code :retry} takes on the one that did not get there. */
  private void assertThatTheOneIsTakenOnAgain(String server) {
    String fleet =
        given().get("/v1/jobs").then().extract().path("jobs.find { it.kind == 'fleet' }.id");
    JsonPath retried =
        given()
            .urlEncodingEnabled(false)
            .post("/v1/jobs/" + fleet + ":retry")
            .then()
            .statusCode(202)
            .extract()
            .jsonPath();
    assertThat(retried.getString("retryOf")).isEqualTo(fleet);
    assertThat(retried.getList("request.request.servers", String.class)).containsExactly(server);
    assertThat(ended(retried.getString("id")).getString("state")).isEqualTo("SUCCEEDED");
    assertThat(mode(server)).isEqualTo("ENFORCED");
  }

  private static void assertWaves(JsonPath job) {
    List<List<Instant>> waves = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    List<List<Instant>> ends = List.of(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    for (Map<String, Object> step : rollouts(job)) {
      int wave = ((Number) ((Map<?, ?>) step.get("observed")).get("wave")).intValue() - 1;
      waves.get(wave).add(Instant.parse(step.get("startedAt").toString()));
      ends.get(wave).add(Instant.parse(step.get("finishedAt").toString()));
    }
    assertThat(waves.get(0)).hasSize(1);
    for (int wave = 1; wave < waves.size(); wave++) {
      Instant before = ends.get(wave - 1).stream().max(Instant::compareTo).orElseThrow();
      assertThat(waves.get(wave)).isNotEmpty().allMatch(start -> !start.isBefore(before));
    }
  }

  private static void assertReport(String job, String bad) {
    JsonPath report =
        given().get("/v1/jobs/" + job + "/report").then().statusCode(200).extract().jsonPath();
    assertThat(report.getString("summary"))
        .isEqualTo(
            "%d of %d servers proved, 1 of %d servers as before, and seen so"
                .formatted(SERVERS - 1, SERVERS, SERVERS));
    assertThat(report.getString("servers.find { it.server == '" + bad + "' }.outcome"))
        .isEqualTo("UNDONE");
    assertThat(report.getList("servers.certificate.fingerprint")).hasSize(SERVERS);
  }

  private static String fleet(List<String> names) {
    Map<String, Object> body = new HashMap<>();
    body.put("target", "ENFORCED");
    body.put("servers", names);
    body.put("authority", authority());
    body.put("grace", "PT2S");
    body.put("observe", Map.of("quietFor", "PT1S", "deadline", "PT3S", "onPlaintext", "FAIL"));
    body.put("waves", List.of(Map.of("count", 1), Map.of("percent", 25), Map.of("percent", 100)));
    body.put("maxParallel", 4);
    body.put("maxFailures", 1);
    return given()
        .body(body)
        .post("/v1/rollouts")
        .then()
        .log()
        .ifError()
        .statusCode(202)
        .extract()
        .path("id");
  }

  private static JsonPath ended(String job) {
    return await()
        .atMost(PATIENCE)
        .until(
            () -> given().queryParam("wait", "30s").get("/v1/jobs/" + job).jsonPath(),
            found -> found.get("finishedAt") != null);
  }

  private static List<Map<String, Object>> rollouts(JsonPath job) {
    return job.getList("steps.findAll { it.kind == 'ROLLOUT' }");
  }

  private static String step(JsonPath job, String server, String field) {
    return job.getString("steps.find { it.server == '" + server + "' }." + field);
  }

  private static void print(JsonPath job) {
    System.out.printf(
        "%d servers, waves of 1, 25 %% and 100 %%, 4 at a time: %s after %.1f s%n",
        SERVERS, job.getString("state"), seconds(job.get("createdAt"), job.get("finishedAt")));
    for (Map<String, Object> step : rollouts(job)) {
      System.out.printf(
          "  wave %s  %-8s %5.1f s  %s%n",
          ((Map<?, ?>) step.get("observed")).get("wave"),
          step.get("state"),
          seconds(step.get("startedAt"), step.get("finishedAt")),
          step.get("problem") == null ? "" : ((Map<?, ?>) step.get("problem")).get("detail"));
    }
  }

  private static double seconds(Object from, Object to) {
    return Duration.between(Instant.parse(from.toString()), Instant.parse(to.toString())).toMillis()
        / 1e3;
  }

  private static PostgresServer quick() {
    return PostgresServer.builder(LATEST).authenticationTimeout(Duration.ofSeconds(1)).start();
  }
}
