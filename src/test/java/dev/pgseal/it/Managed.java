package dev.pgseal.it;

import static io.restassured.RestAssured.given;

import dev.pgseal.testing.PostgresServer;
import io.restassured.response.ValidatableResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Short names for what most integration tests do with a managed server. */
final class Managed {

  private Managed() {}

  /** Registers the server under a name that was never used before. */
  static String register(PostgresServer server) {
    return register(server, server.host());
  }

  /**
   * @param host another name or address under which the service reaches it
   */
  static String register(PostgresServer server, String host) {
    String name = "db-" + UUID.randomUUID().toString().substring(0, 8);
    given()
        .body(
            Map.of(
                "name",
                name,
                "host",
                host,
                "port",
                server.port(),
                "database",
                "postgres",
                "username",
                PostgresServer.SUPERUSER,
                "password",
                PostgresServer.PASSWORD,
                "endpoints",
                List.of("localhost", "127.0.0.1")))
        .post("/v1/servers")
        .then()
        .statusCode(201);
    return name;
  }

  static String authority() {
    String name = "ca-" + UUID.randomUUID().toString().substring(0, 8);
    given().body(Map.of("name", name)).post("/v1/authorities").then().statusCode(201);
    return name;
  }

  static ValidatableResponse ssl(String server, boolean enabled) {
    return given().body(Map.of("enabled", enabled)).put("/v1/servers/" + server + "/ssl").then();
  }

  static String mode(String server) {
    return given().get("/v1/servers/" + server + "/ssl").then().extract().path("mode");
  }

  static void installSelfSigned(String server) {
    given()
        .body(Map.of("source", "SELF_SIGNED"))
        .post("/v1/servers/" + server + "/certificates")
        .then()
        .statusCode(201);
  }

  static ValidatableResponse convert(String server, String direction) {
    return given()
        .urlEncodingEnabled(false)
        .body(Map.of("direction", direction))
        .post("/v1/servers/" + server + "/hba:convert")
        .then();
  }

  static String etag(String server) {
    return given().get("/v1/servers/" + server + "/hba").then().extract().header("ETag");
  }

  static ValidatableResponse putHba(String server, String text) {
    return given()
        .contentType("text/plain")
        .header("If-Match", etag(server))
        .body(text)
        .put("/v1/servers/" + server + "/hba")
        .then();
  }

  /** Starts a rollout and answers its job's id. */
  static String rollout(String target, String authority, String... servers) {
    return given()
        .body(
            authority == null
                ? Map.of("target", target, "servers", List.of(servers))
                : Map.of("target", target, "servers", List.of(servers), "authority", authority))
        .post("/v1/rollouts")
        .then()
        .statusCode(202)
        .extract()
        .path("id");
  }

  static ValidatableResponse await(String job) {
    return given().queryParam("wait", "60s").get("/v1/jobs/" + job).then().statusCode(200);
  }
}
