package dev.pgseal.it;

import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.matchesPattern;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import java.time.Duration;
import java.util.Map;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** A replica on which five requests at once are many, and then one each second. */
class RateLimitIT {

  private static final int BURST = 5;

  private static Application application;
  private static ServiceProcess strict;

  @BeforeAll
  static void start() {
    application = Application.shared();
    strict =
        application
            .process(
                Map.of(
                    "pgseal.rate-limit.burst",
                    Integer.toString(BURST),
                    "pgseal.rate-limit.requests-per-second",
                    "1"))
            .start();
  }

  @AfterAll
  static void stop() {
    strict.close();
  }

  @Test
  void whoSendsTooManyIsToldWhenToComeBackAndNobodyElseIsHeldUp() {
    Application.shared();
    String token = TokenOf.role("VIEWER");
    String other = TokenOf.role("VIEWER");

    as(token)
        .get("/v1/servers")
        .then()
        .statusCode(200)
        .header("RateLimit-Policy", "\"caller\";q=5;w=5")
        .header("RateLimit", matchesPattern("\"caller\";r=4;t=[12]"));
    Response refused = untilRefused(token, "/v1/servers");

    refused
        .then()
        .contentType("application/problem+json")
        .header("Retry-After", "1")
        .header("RateLimit", matchesPattern("\"caller\";r=0;t=[45]"))
        .header("X-Request-Id", notNullValue())
        .body("type", equalTo("/problems/too-many-requests"))
        .body("requestId", equalTo(refused.header("X-Request-Id")));
    as(other).get("/v1/servers").then().statusCode(200);
    await("what Retry-After promised")
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofSeconds(1))
        .until(() -> as(token).get("/v1/servers").statusCode() == 200);
  }

  @Test
  void whoComesWithoutATokenIsCountedByAddress() {
    Application.shared();
    String token = TokenOf.role("VIEWER");

    untilRefused(null, "/v1/authorities/none/crl")
        .then()
        .header("RateLimit-Policy", "\"origin\";q=5;w=5");
    as(null).get("/v1/servers").then().statusCode(429);
    as(token).get("/v1/authorities/none/crl").then().statusCode(404);
    as(null).get("/q/health/live").then().statusCode(200).header("RateLimit", nullValue());
  }

  @Test
  void byDefaultNobodyMeetsIt() {
    Application.shared();

    SecurityIT.anonymous()
        .get("/v1/servers")
        .then()
        .statusCode(401)
        .header("RateLimit-Policy", "\"origin\";q=1000;w=10");
  }

  /** The bucket fills meanwhile, so the number of requests depends on the time that they take. */
  private static Response untilRefused(String token, String path) {
    for (int i = 0; i < 20 * BURST; i++) {
      Response response = as(token).get(path);
      if (response.statusCode() == 429) {
        return response;
      }
    }
    return Assertions.fail("No request was refused");
  }

  private static RequestSpecification as(String token) {
    RequestSpecification request = SecurityIT.anonymous().baseUri(strict.baseUri().toString());
    return token == null ? request : request.header("Authorization", "Bearer " + token);
  }
}
