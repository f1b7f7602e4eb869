package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import dev.pgseal.testing.SharedPostgres;
import io.restassured.response.Response;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** {@code Prefer: wait} wherever a job is answered. */
class PreferIT {

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private Application application;

  @BeforeEach
  void start() {
    application = Application.shared();
  }

  @Test
  void aRolloutIsAnsweredOnceItHasEnded() {
    String server = Managed.register(SERVERS.latest());
    String key = UUID.randomUUID().toString();

    Response ended = rollout(server, key, "wait=60");

    ended
        .then()
        .statusCode(202)
        .header("Preference-Applied", "wait=60")
        .header("Retry-After", nullValue())
        .header(
            "Location", equalTo(application.replica().baseUri() + "/v1/jobs/" + ended.path("id")))
        .body("state", equalTo("SUCCEEDED"));
    assertThat(rollout(server, key, "wait=60").asString()).isEqualTo(ended.asString());
  }

  @Test
  void withoutItAJobIsAcceptedAndTheCallerToldWhenToLook() {
    String server = Managed.register(SERVERS.latest());

    Response accepted = rollout(server, UUID.randomUUID().toString(), "handling=lenient");

    accepted
        .then()
        .statusCode(202)
        .header("Preference-Applied", nullValue())
        .header("Retry-After", "2");
    Managed.await(accepted.path("id"));
  }

  @Test
  void aJobThatDoesNotEndIsAnsweredAfterThatTime() {
    UUID job = pendingJob();
    Instant before = Instant.now();

    given()
        .header("Prefer", "wait=1")
        .get("/v1/jobs/" + job)
        .then()
        .statusCode(200)
        .header("Preference-Applied", "wait=1")
        .body("state", equalTo("PENDING"));

    assertThat(Duration.between(before, Instant.now())).isGreaterThan(Duration.ofMillis(900));
  }

  @Test
  void whoWaitsForAJobHearsOfItsEnd() throws Exception {
    UUID job = pendingJob();
    CompletableFuture<String> waiting =
        CompletableFuture.supplyAsync(
            () -> given().header("Prefer", "wait=60").get("/v1/jobs/" + job).path("state"));

    given().urlEncodingEnabled(false).post("/v1/jobs/" + job + ":cancel").then().statusCode(200);

    assertThat(waiting.get(50, TimeUnit.SECONDS)).isEqualTo("CANCELLED");
  }

  private static Response rollout(String server, String key, String prefer) {
    return given()
        .header("Prefer", prefer)
        .header("Idempotency-Key", key)
        .body(Map.of("target", "DISABLED", "servers", List.of(server)))
        .post("/v1/rollouts");
  }

  /** A row that no replica runs. */
  private UUID pendingJob() {
    UUID job = UUID.randomUUID();
    application
        .controlDatabase()
        .execute(
            "insert into job (id, kind, state, request, requested_by)"
                + " values ('%s', 'by-hand', 'PENDING', '{}', 'ann')".formatted(job));
    return job;
  }
}
