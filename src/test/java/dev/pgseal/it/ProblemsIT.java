package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasItems;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;

import io.restassured.http.ContentType;
import io.restassured.response.ValidatableResponse;
import java.io.OutputStream;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ProblemsIT {

  private static final int FIVE_MEGABYTES = 5 * 1024 * 1024;

  private Application application;

  @BeforeEach
  void start() {
    application = Application.shared();
  }

  @Test
  void anUnknownFieldIsRefusedWithItsPlace() {
    problem(post("{\"name\": \"a\",\n  \"prot\": 5432}"), 400, "bad-request")
        .body("detail", containsString("prot"))
        .body("field", equalTo("prot"))
        .body("line", equalTo(2))
        .body("hint", containsString("port"));
  }

  @Test
  void malformedJsonIsRefusedWithItsPlaceAndNotQuoted() {
    problem(post("{\"name\": \"a\",\n \"password\": hunter2}"), 400, "bad-request")
        .body("line", equalTo(2))
        .body("column", equalTo(14))
        .body(not(containsString("hunter2")));
    assertThat(application.replica().log()).doesNotContain("hunter2");
  }

  @Test
  void aValueOfAWrongTypeIsRefusedAndNotQuoted() {
    problem(post("{\"port\": \"hunter3\"}"), 400, "bad-request")
        .body("field", equalTo("port"))
        .body("detail", equalTo("port must be a whole number"))
        .body(not(containsString("hunter3")));
    problem(post("{\"sslMode\": \"prefer\"}"), 400, "bad-request")
        .body("detail", containsString("VERIFY_FULL"));
    assertThat(application.replica().log()).doesNotContain("hunter3");
  }

  @Test
  void everyBrokenRuleIsNamed() {
    problem(
            post(
                "{\"name\": \"A B\", \"port\": 0, \"endpoints\": [\"a b\"], \"labels\": {\"-\": \"\"}}"),
            400,
            "validation-failed")
        .body(
            "violations.field",
            hasItems("name", "host", "port", "username", "password", "endpoints[0]", "labels[-]"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "[]", "\"x\"", "{\"a\":1", "\u0000"})
  void aBodyThatIsNoObjectIsRefused(String body) {
    assertThat(post(body).extract().statusCode()).isEqualTo(400);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"name\": {}}",
        "{\"name\": [\"a\"]}",
        "{\"name\": 5}",
        "{\"name\": true}",
        "{\"port\": \"5432\"}",
        "{\"port\": 5432.5}",
        "{\"sslMode\": \"1\"}",
        "{\"sslMode\": 1}",
        "{\"name\": \"a\\u0000b\"}",
        "{\"username\": \"\\ud800\"}",
        "{\"labels\": {\"env\": 5}}"
      })
  void aValueThatIsNotOfTheTypeOfTheSchemaIsRefusedWithItsField(String body) {
    problem(post(body), 400, "bad-request").body("$", hasKey("field"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"name\": \"a\", \"name\": \"b\"}", "{\"name\": \"a\"} {}"})
  void aFieldThatComesTwiceAndASecondValueAreRefused(String body) {
    problem(post(body), 400, "bad-request");
  }

  @ParameterizedTest
  @ValueSource(strings = {"5", "\"+1000000000-12-31T23:59:59Z\"", "\"2027-02-30T00:00:00Z\""})
  void aTimeIsATextWithAYearOfFourDigits(String time) {
    String body = "{\"name\": \"a\", \"roles\": [\"VIEWER\"], \"expiresAt\": %s}".formatted(time);
    problem(given().body(body).post("/v1/tokens").then(), 400, "bad-request")
        .body("field", equalTo("expiresAt"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/servers/%00",
        "/v1/authorities/%00/bundle",
        "/v1/servers/%c0%ae",
        "/v1/servers?label=a%3D%00"
      })
  void aPathThatIsNoTextIsRefused(String path) {
    problem(given().urlEncodingEnabled(false).get(path).then(), 400, "bad-request");
  }

  @Test
  void whatHttpItselfRefusesIsAProblemToo() {
    problem(given().get("/v1/nothing").then(), 404, "not-found");
    problem(given().get("/nothing").then(), 404, "not-found");
    problem(given().put("/v1/servers").then(), 405, "method-not-allowed");
    problem(given().accept("text/csv").get("/v1/servers").then(), 406, "not-acceptable");
    problem(
        given().contentType(ContentType.TEXT).body("x").post("/v1/servers").then(),
        415,
        "unsupported-media-type");
  }

  @Test
  void aBodyThatIsTooLargeIsRefused() throws Exception {
    problem(post("x".repeat(FIVE_MEGABYTES)), 413, "payload-too-large")
        .body("maxBytes", equalTo(4 * 1024 * 1024));
    assertThat(statusOfChunkedBody("{\"name\": \"" + "x".repeat(FIVE_MEGABYTES))).isEqualTo(413);
  }

  /** Without Content-Length the size shows only while the body is read. */
  private int statusOfChunkedBody(String body) throws Exception {
    HttpURLConnection connection =
        (HttpURLConnection)
            application.replica().baseUri().resolve("/v1/servers").toURL().openConnection();
    connection.setDoOutput(true);
    connection.setChunkedStreamingMode(64 * 1024);
    connection.setRequestProperty("Authorization", "Bearer " + application.token());
    connection.setRequestProperty("Content-Type", "application/json");
    try (OutputStream out = connection.getOutputStream()) {
      out.write(body.getBytes(StandardCharsets.UTF_8));
    }
    return connection.getResponseCode();
  }

  @Test
  void theRequestIdIsTheCallersOrANewOne() {
    given()
        .header("X-Request-Id", "abc-123")
        .get("/v1/nothing")
        .then()
        .header("X-Request-Id", "abc-123")
        .body("requestId", equalTo("abc-123"));
    given()
        .header("X-Request-Id", "<script>")
        .get("/v1/nothing")
        .then()
        .header("X-Request-Id", not(containsString("<")));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v1/servers?pageSize=0",
        "/v1/servers?pageSize=501",
        "/v1/servers?pageSize=many",
        "/v1/servers?pageToken=%21",
        "/v1/servers?label=env",
        "/v1/jobs?state=DONE",
        "/v1/jobs?pageToken=YWJj"
      })
  void aWrongQueryParameterIsABadRequest(String path) {
    problem(given().urlEncodingEnabled(false).get(path).then(), 400, "bad-request");
  }

  @Test
  void theDescriptionListsTheProblemsOfEveryOperation() {
    given()
        .accept(ContentType.JSON)
        .get("/q/openapi?format=json")
        .then()
        .statusCode(200)
        .body("paths.'/v1/servers'.post.responses.keySet()", hasItems("201", "400", "401", "409"))
        .body(
            "paths.'/v1/servers/{server}'.get.responses.'404'.content.keySet()",
            hasItem("application/problem+json"));
  }

  private ValidatableResponse post(String body) {
    return given().body(body.getBytes(StandardCharsets.UTF_8)).post("/v1/servers").then();
  }

  private static ValidatableResponse problem(
      ValidatableResponse response, int status, String type) {
    return response
        .statusCode(status)
        .contentType("application/problem+json")
        .body("status", equalTo(status))
        .body("type", equalTo("/problems/" + type))
        .body("$", hasKey("title"))
        .body("$", hasKey("detail"))
        .body("$", hasKey("instance"));
  }
}
