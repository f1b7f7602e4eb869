package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import io.restassured.specification.FilterableRequestSpecification;
import io.restassured.specification.RequestSpecification;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Any replica serves any request. */
class ReplicasIT {

  @Test
  void whatOneReplicaDidAnotherKnowsAndAKilledOneComesBack() throws Exception {
    try (Application application = Application.start()) {
      Application.Replica first = application.replica();
      Application.Replica second = application.startReplica();

      String token =
          to(first)
              .body(Map.of("name", "ci", "roles", List.of("OPERATOR")))
              .post("/v1/tokens")
              .then()
              .statusCode(201)
              .extract()
              .path("token");
      UUID job = insertPendingJob(application);
      first.kill();
      first.start();
      CompletableFuture<String> waiting =
          CompletableFuture.supplyAsync(
              () -> to(first).get("/v1/jobs/" + job + "?wait=60s").then().extract().path("state"));
      bearer(second, token)
          .urlEncodingEnabled(false)
          .post("/v1/jobs/" + job + ":cancel")
          .then()
          .statusCode(200)
          .body("state", equalTo("CANCELLED"))
          .body("cancelledBy", equalTo("ci"));

      assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo("CANCELLED");
    }
  }

  /** A row that no replica runs. */
  private static UUID insertPendingJob(Application application) {
    UUID job = UUID.randomUUID();
    application
        .controlDatabase()
        .execute(
            "insert into job (id, kind, state, request, requested_by)"
                + " values ('%s', 'by-hand', 'PENDING', '{}', 'ann')".formatted(job));
    return job;
  }

  private static RequestSpecification bearer(Application.Replica replica, String token) {
    FilterableRequestSpecification request = (FilterableRequestSpecification) to(replica);
    return request.removeHeader("Authorization").header("Authorization", "Bearer " + token);
  }

  private static RequestSpecification to(Application.Replica replica) {
    return given().spec(replica.admin());
  }
}
