package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.nullValue;

import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import io.restassured.http.Header;
import io.restassured.http.Headers;
import io.restassured.response.Response;
import io.restassured.response.ValidatableResponse;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A request with an {@code Idempotency-Key} is done once, however often it is sent. */
class IdempotencyIT {

  private static final int PATIENCE_SECONDS = 60;

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private final Application application = Application.shared();
  private final String key = UUID.randomUUID().toString();

  @Test
  void aRepeatedRequestGetsTheFirstAnswerWithTheSecretInIt() {
    Map<String, Object> body = token();

    Response first = post(key, "/v1/tokens", body);
    Response second = post('"' + key + '"', "/v1/tokens", body);

    first.then().statusCode(201).header("Idempotency-Replayed", nullValue());
    second.then().statusCode(201).header("Idempotency-Replayed", "true");
    assertThat(second.asString()).isEqualTo(first.asString()).contains("pgs_");
    for (String header : List.of("Location", "Cache-Control", "Content-Type")) {
      assertThat(second.header(header)).isNotNull().isEqualTo(first.header(header));
    }
    assertThat(second.header("X-Request-Id")).isNotEqualTo(first.header("X-Request-Id"));
    given().body(body).post("/v1/tokens").then().statusCode(409);
  }

  @Test
  void anAnswerWithoutABodyIsRepeatedToo() {
    String path =
        "/v1/tokens/" + given().body(token()).post("/v1/tokens").then().extract().path("name");

    for (int i = 0; i < 2; i++) {
      given().header("Idempotency-Key", key).delete(path).then().statusCode(204);
    }
    given().delete(path).then().statusCode(404);
  }

  @Test
  void aKeyBelongsToOneRequest() {
    post(key, "/v1/tokens", token()).then().statusCode(201);

    problem(post(key, "/v1/tokens", token()).then(), 422, "idempotency-key-reused");
    problem(post(key, "/v1/tokens?a=b", token()).then(), 422, "idempotency-key-reused");
    problem(
        post(key, "/v1/authorities", Map.of("name", "ca")).then(), 422, "idempotency-key-reused");
  }

  @Test
  void aKeyMeansNothingToAnotherCaller() {
    String other = TokenOf.role("ADMIN");
    Map<String, Object> body = token();
    post(key, "/v1/tokens", body).then().statusCode(201);

    TokenOf.bearer(other)
        .header("Idempotency-Key", key)
        .contentType("application/json")
        .body(body)
        .post("/v1/tokens")
        .then()
        .statusCode(409)
        .body("type", equalTo("/problems/name-taken"));
  }

  @Test
  void aRefusedRequestCanBeMendedAndSentAgain() {
    post(key, "/v1/tokens", Map.of("name", "A B")).then().statusCode(400);
    post(key, "/v1/tokens", token()).then().statusCode(201);
  }

  @Test
  void whoMayNotDoItDoesNotGetToTheKey() {
    String viewer = TokenOf.role("VIEWER");

    TokenOf.bearer(viewer)
        .header("Idempotency-Key", key)
        .contentType("application/json")
        .body(token())
        .post("/v1/tokens")
        .then()
        .statusCode(403);
    assertThat(rows()).isEqualTo("0");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "\"\"", "\"a", "a\"", "a b", "\"a\\b\"", "(a)", "a,b"})
  void aMalformedKeyIsABadRequest(String malformed) {
    problem(post(malformed, "/v1/tokens", token()).then(), 400, "bad-request")
        .body("header", equalTo("Idempotency-Key"));
  }

  @Test
  void aKeyThatIsTooLongOrGivenTwiceIsABadRequest() {
    problem(post("k".repeat(256), "/v1/tokens", token()).then(), 400, "bad-request");
    problem(
        given()
            .headers(
                new Headers(new Header("Idempotency-Key", "a"), new Header("Idempotency-Key", "b")))
            .body(token())
            .post("/v1/tokens")
            .then(),
        400,
        "bad-request");
    post("k".repeat(255), "/v1/tokens", Map.of()).then().statusCode(400);
  }

  @Test
  void aLargeBodyIsReadWholeAndATooLargeOneRefused() {
    problem(
        post(key, "/v1/tokens", Map.of("name", "x".repeat(4_000_000))).then(),
        400,
        "validation-failed");
    problem(
        post(key, "/v1/tokens", Map.of("name", "x".repeat(5_000_000))).then(),
        413,
        "payload-too-large");
  }

  @Test
  void nothingOfItIsReadableInTheControlDatabaseAndItsTimeEnds() {
    String name = token().get("name").toString();
    Map<String, Object> body = Map.of("name", name, "roles", List.of("VIEWER"));
    String value = post(key, "/v1/tokens", body).then().extract().path("token");

    assertThat(
            application
                .controlDatabase()
                .query(
                    "select encode(answer, 'escape') || encode(fingerprint, 'escape')"
                        + " from idempotent_request where key = '%s'".formatted(key)))
        .isNotBlank()
        .doesNotContain(value)
        .doesNotContain(name);
    assertThat(
            application
                .controlDatabase()
                .query(
                    "select expires_at between now() + '23h 50m' and now() + '24h'"
                        + " from idempotent_request where key = '%s'".formatted(key)))
        .isEqualTo("t");
    application
        .controlDatabase()
        .execute(
            "update idempotent_request set expires_at = now() where key = '%s'".formatted(key));

    problem(post(key, "/v1/tokens", body).then(), 409, "name-taken");
  }

  @Test
  void theSecondRequestWaitsForTheFirstWhoseClientMayLeave() throws Exception {
    try (Gate gate = Gate.closedBefore(SERVERS.latest().port())) {
      Map<String, Object> body = server(gate.port());
      try (Socket client = sendAndDoNotRead(application.replica().baseUri(), body)) {
        await("the first to get to its server")
            .atMost(Duration.ofSeconds(PATIENCE_SECONDS))
            .until(() -> gate.arrived() > 0);

        problem(post(key, "/v1/servers", body).then(), 409, "idempotency-key-in-use")
            .header("Retry-After", "2");
      }
      gate.open();

      await("the first answer")
          .atMost(Duration.ofSeconds(PATIENCE_SECONDS))
          .untilAsserted(
              () ->
                  post(key, "/v1/servers", body)
                      .then()
                      .statusCode(201)
                      .header("Idempotency-Replayed", "true")
                      .header("ETag", "\"1\"")
                      .body("name", equalTo(body.get("name"))));
    }
  }

  @Test
  void anyReplicaRepeatsTheAnswerAndNoneGuessesWhatADeadOneDid() throws Exception {
    try (Application own = Application.start(Map.of("quarkus.datasource.jdbc.max-size", "4"));
        Gate gate = Gate.closedBefore(SERVERS.latest().port())) {
      Application.Replica first = own.replica();
      Application.Replica second = own.startReplica();
      Map<String, Object> token = token();
      String value = on(first, key, "/v1/tokens", token).path("token");
      Map<String, Object> server = server(gate.port());
      CompletableFuture<?>[] held = hold(first, server, gate);

      on(first, "another", "/v1/tokens", token())
          .then()
          .statusCode(201); // more requests are held than there are connections
      problem(on(second, "key-0", "/v1/servers", server).then(), 409, "idempotency-key-in-use");
      first.kill();

      assertThat(on(second, key, "/v1/tokens", token).<String>path("token")).isEqualTo(value);
      await("the end of the lease")
          .atMost(Duration.ofSeconds(PATIENCE_SECONDS))
          .untilAsserted(
              () ->
                  problem(
                          on(second, "key-0", "/v1/servers", server).then(),
                          409,
                          "idempotency-outcome-unknown")
                      .body("hint", containsString("new key")));
      CompletableFuture.allOf(held)
          .exceptionally(e -> null)
          .get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      gate.open();
      on(second, "a-new-key", "/v1/servers", server).then().statusCode(201);
    }
  }

  /** Six requests that wait for the gate, on a pool of four connections. */
  private static CompletableFuture<?>[] hold(
      Application.Replica replica, Map<String, Object> server, Gate gate) {
    CompletableFuture<?>[] held = new CompletableFuture<?>[6];
    for (int i = 0; i < held.length; i++) {
      String key = "key-" + i;
      held[i] = CompletableFuture.runAsync(() -> on(replica, key, "/v1/servers", server));
    }
    await("all of them at the gate")
        .atMost(Duration.ofSeconds(PATIENCE_SECONDS))
        .until(() -> gate.arrived() >= held.length);
    return held;
  }

  private Socket sendAndDoNotRead(URI service, Map<String, Object> body) throws IOException {
    String json = new JsonObject(body).encode();
    Socket socket = new Socket(service.getHost(), service.getPort());
    socket
        .getOutputStream()
        .write(
            """
            POST /v1/servers HTTP/1.1\r
            Host: localhost\r
            Authorization: Bearer %s\r
            Content-Type: application/json\r
            Idempotency-Key: %s\r
            Content-Length: %d\r
            \r
            %s"""
                .formatted(application.token(), key, json.length(), json)
                .getBytes(StandardCharsets.UTF_8));
    return socket;
  }

  private static Map<String, Object> token() {
    return Map.of("name", "token-" + UUID.randomUUID(), "roles", List.of("VIEWER"));
  }

  private static Map<String, Object> server(int port) {
    return Map.of(
        "name",
        "db-" + UUID.randomUUID().toString().substring(0, 8),
        "host",
        "127.0.0.1",
        "port",
        port,
        "username",
        PostgresServer.SUPERUSER,
        "password",
        PostgresServer.PASSWORD);
  }

  private static Response post(String key, String path, Map<String, Object> body) {
    return given().header("Idempotency-Key", key).body(body).post(path);
  }

  private static Response on(
      Application.Replica replica, String key, String path, Map<String, Object> body) {
    return given().spec(replica.admin()).header("Idempotency-Key", key).body(body).post(path);
  }

  private String rows() {
    return application
        .controlDatabase()
        .query("select count(*) from idempotent_request where key = '%s'".formatted(key));
  }

  private static ValidatableResponse problem(
      ValidatableResponse response, int status, String type) {
    return response.statusCode(status).body("type", equalTo("/problems/" + type));
  }
}
