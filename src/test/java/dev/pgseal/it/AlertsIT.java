package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the alert rules and the dashboard ask for is there. */
class AlertsIT {

  private static final Pattern METRIC =
      Pattern.compile("\\b(?:pgseal|http_server_requests)_[a-z_]+");

  /** Only there once a job has failed, or a renewal: their own tests look at them. */
  private static final Set<String> AFTER_FAILURES =
      Set.of("pgseal_job_problems_total", "pgseal_renewal_failures_total");

  @RegisterExtension
  static final SharedPostgres SERVERS =
      new SharedPostgres(builder -> builder.authenticationTimeout(Duration.ofMinutes(1)));

  @Test
  void everyMetricOfTheRulesAndTheDashboardIsOneOfTheService() throws IOException {
    Application.shared();
    String server = "alerts-" + UUID.randomUUID().toString().substring(0, 8);
    enforce(server);

    Set<String> named = named("observability/alerts.yaml");
    named.addAll(named("observability/grafana-dashboard.json"));
    named.removeAll(AFTER_FAILURES);

    assertThat(named).hasSizeGreaterThan(10);
    await()
        .atMost(Duration.ofMinutes(1))
        .untilAsserted(() -> assertThat(answered()).containsAll(named));
  }

  private static void enforce(String server) {
    PostgresServer postgres = SERVERS.latest();
    given()
        .body(
            Map.of(
                "name",
                server,
                "host",
                postgres.host(),
                "port",
                postgres.port(),
                "username",
                PostgresServer.SUPERUSER,
                "password",
                PostgresServer.PASSWORD,
                "endpoints",
                List.of("localhost")))
        .post("/v1/servers")
        .then()
        .statusCode(201);
    given().body(Map.of("name", server + "-ca")).post("/v1/authorities").then().statusCode(201);
    String job =
        given()
            .body(
                Map.of(
                    "target", "OFFERED", "servers", List.of(server), "authority", server + "-ca"))
            .post("/v1/rollouts")
            .then()
            .statusCode(202)
            .extract()
            .path("id");
    assertThat(given().get("/v1/jobs/" + job + "?wait=60s").<String>path("state"))
        .isEqualTo("SUCCEEDED");
    given()
        .urlEncodingEnabled(false)
        .post("/v1/servers/" + server + "/posture:scan")
        .then()
        .statusCode(200);
  }

  private static Set<String> named(String file) throws IOException {
    return METRIC
        .matcher(Files.readString(Path.of(file)))
        .results()
        .map(match -> match.group())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  private static Set<String> answered() {
    return given()
        .get("/q/metrics")
        .asString()
        .lines()
        .filter(line -> !line.startsWith("#"))
        .map(line -> line.split("[{ ]", 2)[0])
        .collect(Collectors.toSet());
  }
}
