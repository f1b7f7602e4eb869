package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.not;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;
import static org.hamcrest.Matchers.startsWith;

import io.restassured.specification.FilterableRequestSpecification;
import io.restassured.specification.RequestSpecification;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecurityIT {

  private final Application application = Application.shared();

  @ParameterizedTest
  @CsvSource({
    "GET, /v1/servers",
    "POST, /v1/servers",
    "GET, /v1/servers/db1",
    "DELETE, /v1/servers/db1",
    "GET, /v1/jobs",
    "POST, /v1/tokens",
    "GET, /v1/nothing-of-that-kind",
    "GET, /v1"
  })
  void everythingUnderV1NeedsAToken(String method, String path) {
    anonymous()
        .request(method, path)
        .then()
        .statusCode(401)
        .contentType("application/problem+json")
        .header("WWW-Authenticate", startsWith("Bearer"))
        .header("X-Request-Id", notNullValue())
        .body("type", equalTo("/problems/unauthenticated"))
        .body("hint", containsString("Authorization: Bearer"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//v1/servers",
        "/v1//servers",
        "/x/../v1/servers",
        "/%76%31/servers",
        "/v1/servers/"
      })
  void anotherSpellingOfThePathDoesNotLetIn(String path) {
    int status = anonymous().urlEncodingEnabled(false).get(path).then().extract().statusCode();

    assertThat(status).isIn(401, 404);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/q/health", "/q/health/ready", "/q/metrics", "/q/openapi", "/q/swagger-ui/"})
  void healthMetricsAndTheDescriptionOfTheApiNeedNone(String path) {
    anonymous().get(path).then().statusCode(200).header("Strict-Transport-Security", nullValue());
  }

  @ParameterizedTest
  @ValueSource(strings = {"pgs_unknown", "pgs_", "bootstrap"})
  void aWrongTokenIsRefused(String token) {
    anonymous()
        .header("Authorization", "Bearer " + token)
        .get("/v1/servers")
        .then()
        .statusCode(401)
        .contentType("application/problem+json")
        .header("WWW-Authenticate", containsString("invalid_token"));
  }

  @Test
  void anIssuedTokenWorksUntilItIsDeletedAndIsShownOnce() {
    String name = "token-" + UUID.randomUUID();
    String token =
        given()
            .body(Map.of("name", name, "roles", List.of("ADMIN")))
            .post("/v1/tokens")
            .then()
            .statusCode(201)
            .header("Cache-Control", "no-store")
            .header("Location", containsString("/v1/tokens/" + name))
            .body("token", startsWith("pgs_"))
            .extract()
            .path("token");

    bearer(token).get("/v1/servers").then().statusCode(200);
    bearer(token)
        .get("/v1/tokens")
        .then()
        .statusCode(200)
        .body("tokens.name", hasItem(name))
        .body(not(containsString(token)));
    given()
        .body(Map.of("name", name, "roles", List.of("VIEWER")))
        .post("/v1/tokens")
        .then()
        .statusCode(409);
    bearer(token)
        .delete("/v1/tokens/" + name)
        .then()
        .statusCode(409)
        .body("detail", containsString("cannot delete itself"));

    given().delete("/v1/tokens/" + name).then().statusCode(204);
    bearer(token).get("/v1/servers").then().statusCode(401);
    given().delete("/v1/tokens/" + name).then().statusCode(404);
  }

  @Test
  void anExpiredTokenIsRefused() {
    String name = "token-" + UUID.randomUUID();
    given()
        .body(
            Map.of(
                "name",
                name,
                "roles",
                List.of("VIEWER"),
                "expiresAt",
                Instant.now().minusSeconds(1).toString()))
        .post("/v1/tokens")
        .then()
        .statusCode(400)
        .body("type", equalTo("/problems/validation-failed"));
    String token =
        given()
            .body(
                Map.of(
                    "name",
                    name,
                    "roles",
                    List.of("VIEWER"),
                    "expiresAt",
                    Instant.now().plus(1, ChronoUnit.HOURS).toString()))
            .post("/v1/tokens")
            .then()
            .statusCode(201)
            .extract()
            .path("token");
    bearer(token).get("/v1/servers").then().statusCode(200);

    application
        .controlDatabase()
        .execute("update api_token set expires_at = now() where name = '" + name + "'");

    bearer(token).get("/v1/servers").then().statusCode(401);
  }

  @Test
  void aTokenSaysWhatItIsGoodForAndWhenItWasUsed() {
    String name = "token-" + UUID.randomUUID();
    String token =
        given()
            .body(
                Map.of(
                    "name",
                    name,
                    "roles",
                    List.of("APPROVER", "OPERATOR"),
                    "serverLabels",
                    Map.of("env", "test")))
            .post("/v1/tokens")
            .then()
            .statusCode(201)
            .body("roles", equalTo(List.of("OPERATOR", "APPROVER")))
            .body("serverLabels", equalTo(Map.of("env", "test")))
            .extract()
            .path("token");
    String it = "tokens.find { it.name == '" + name + "' }";
    given()
        .get("/v1/tokens?pageSize=500")
        .then()
        .body(it + ".roles", equalTo(List.of("OPERATOR", "APPROVER")))
        .body(it + ".serverLabels", equalTo(Map.of("env", "test")))
        .body(it + ".lastUsedAt", nullValue());

    bearer(token).get("/v1/servers").then().statusCode(200);

    String used = given().get("/v1/tokens?pageSize=500").then().extract().path(it + ".lastUsedAt");
    assertThat(Instant.parse(used)).isBetween(Instant.now().minusSeconds(60), Instant.now());
    bearer(token).get("/v1/servers").then().statusCode(200);
    given().get("/v1/tokens?pageSize=500").then().body(it + ".lastUsedAt", equalTo(used));
  }

  @Test
  void aTokenWithoutARoleOrAnAdminOfSomeServersIsRefused() {
    String name = "token-" + UUID.randomUUID();
    for (Map<String, Object> body :
        List.<Map<String, Object>>of(
            Map.of("name", name),
            Map.of("name", name, "roles", List.of()),
            Map.of("name", name, "roles", List.of("ROOT")),
            Map.of("name", name, "roles", List.of("ADMIN"), "serverLabels", Map.of("a", "b")))) {
      given().body(body).post("/v1/tokens").then().statusCode(400);
    }
  }

  @Test
  void whoSendsTooManyWrongTokensHasToWaitAndShutsOutNobody() {
    Application.Replica replica = application.startReplica();
    String at = replica.baseUri().toString();
    for (int i = 0; i < 20; i++) {
      bearer("pgs_a-guess").baseUri(at).get("/v1/servers").then().statusCode(401);
    }

    bearer("pgs_a-guess")
        .baseUri(at)
        .get("/v1/servers")
        .then()
        .statusCode(429)
        .header("Retry-After", equalTo("1"))
        .contentType("application/problem+json")
        .body("type", equalTo("/problems/too-many-requests"));
    bearer(application.token()).baseUri(at).get("/v1/servers").then().statusCode(200);
    anonymous().baseUri(at).get("/v1/servers").then().statusCode(401);
    replica.stop();
  }

  @Test
  void noTokenIsStoredReadable() {
    assertThat(
            application.controlDatabase().query("select string_agg(t::text, ' ') from api_token t"))
        .contains("bootstrap")
        .doesNotContain(application.token());
    assertThat(application.replica().log()).doesNotContain(application.token());
  }

  @Test
  void aHashIsNoToken() {
    String hash =
        application
            .controlDatabase()
            .query("select encode(token_hash, 'hex') from api_token where name = 'bootstrap'");

    bearer(hash).get("/v1/servers").then().statusCode(401);
  }

  private static RequestSpecification bearer(String token) {
    return anonymous().header("Authorization", "Bearer " + token);
  }

  static RequestSpecification anonymous() {
    return ((FilterableRequestSpecification) given()).removeHeader("Authorization");
  }
}
