package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.empty;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.hasItem;
import static org.hamcrest.Matchers.hasKey;
import static org.hamcrest.Matchers.not;

import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import io.restassured.response.ValidatableResponse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ServersIT {

  @RegisterExtension
  static final SharedPostgres SERVERS =
      new SharedPostgres(builder -> builder.authenticationTimeout(Duration.ofMinutes(1)));

  private final String name = "server-" + UUID.randomUUID();
  private Application application;

  @BeforeEach
  void start() {
    application = Application.shared();
  }

  @Test
  void aServerIsRegisteredReadChangedAndForgotten() {
    PostgresServer postgres = SERVERS.latest();
    register(Map.of("labels", Map.of("env", "prod")))
        .statusCode(201)
        .header("Location", containsString("/v1/servers/" + name))
        .header("ETag", "\"1\"")
        .body("name", equalTo(name))
        .body("sslMode", equalTo("PREFER"))
        .body("endpoints", equalTo(List.of(postgres.host())))
        .body("report.major", equalTo(postgres.major()))
        .body("report.inRecovery", equalTo(false))
        .body("report.encrypted", equalTo(false))
        .body("report.superuser", equalTo(true))
        .body("report.missingPrivileges", empty())
        .body("report.sslLibrary", equalTo("OpenSSL"))
        .body("$", not(hasKey("password")));

    given()
        .get("/v1/servers/" + name)
        .then()
        .statusCode(200)
        .header("ETag", "\"1\"")
        .body("$", not(hasKey("report")))
        .body("labels.env", equalTo("prod"));
    given()
        .get("/v1/servers/" + name + "?inspect=true")
        .then()
        .body("report.major", equalTo(postgres.major()));

    given()
        .contentType("application/merge-patch+json")
        .header("If-Match", "\"1\"")
        .body("{\"labels\": {\"env\": null, \"team\": \"a\"}}")
        .patch("/v1/servers/" + name)
        .then()
        .statusCode(200)
        .header("ETag", "\"2\"")
        .body("labels", equalTo(Map.of("team", "a")))
        .body("host", equalTo(postgres.host()));

    given().delete("/v1/servers/" + name).then().statusCode(204);
    given()
        .get("/v1/servers/" + name)
        .then()
        .statusCode(404)
        .body("type", equalTo("/problems/not-found"))
        .body("server", equalTo(name));
  }

  @Test
  void thePasswordIsNeverShownNorStoredReadable() {
    register(Map.of()).statusCode(201).body(not(containsString(PostgresServer.PASSWORD)));

    assertThat(
            application
                .controlDatabase()
                .query(
                    "select encode(password, 'escape') || s::text from server s where name = '"
                        + name
                        + "'"))
        .isNotNull()
        .doesNotContain(PostgresServer.PASSWORD);
    assertThat(application.replica().log()).doesNotContain(PostgresServer.PASSWORD);
  }

  @Test
  void aTakenNameIsRefused() {
    register(Map.of()).statusCode(201);

    register(Map.of())
        .statusCode(409)
        .body("type", equalTo("/problems/name-taken"))
        .body("server", equalTo(name));
  }

  @Test
  void aServerThatDoesNotAnswerIsNotRegistered() {
    register(Map.of("port", 1))
        .statusCode(502)
        .body("type", equalTo("/problems/server-unreachable"));
    given().get("/v1/servers/" + name).then().statusCode(404);
  }

  @Test
  void aLoginThatIsRefusedIsNotRegistered() {
    register(Map.of("password", "wrong-password-of-mine"))
        .statusCode(422)
        .body("type", equalTo("/problems/login-refused"))
        .body(not(containsString("wrong-password-of-mine")));
    given().get("/v1/servers/" + name).then().statusCode(404);
  }

  @Test
  void anAddressWhereCloudsKeepCredentialsIsNotConnectedTo() {
    for (String host : List.of("169.254.169.254", "0.0.0.0", "fe80::1", "::ffff:169.254.169.254")) {
      register(Map.of("host", host))
          .statusCode(422)
          .body("type", equalTo("/problems/address-refused"));
    }
  }

  @Test
  void missingPrivilegesAreNamed() {
    SERVERS.latest().execute("drop role if exists weak", "create role weak login password 'weak'");

    register(Map.of("username", "weak", "password", "weak"))
        .statusCode(201)
        .body("report.superuser", equalTo(false))
        .body("report.missingPrivileges", not(empty()))
        .body("report.missingPrivileges", hasItem(containsString("GRANT")));
  }

  @Test
  void aModeThatVerifiesNeedsAnAuthority() {
    register(Map.of("sslMode", "VERIFY_FULL"))
        .statusCode(400)
        .body("field", equalTo("sslRootCertificate"));
    register(Map.of("sslMode", "VERIFY_FULL", "sslRootCertificate", "not PEM"))
        .statusCode(422)
        .body("type", equalTo("/problems/certificate-invalid"));
  }

  @Test
  void aStaleChangeIsRefused() {
    register(Map.of()).statusCode(201);

    given()
        .header("If-Match", "\"7\"")
        .body(Map.of("labels", Map.of("a", "b")))
        .patch("/v1/servers/" + name)
        .then()
        .statusCode(412)
        .body("type", equalTo("/problems/precondition-failed"));
    given().header("If-Match", "\"7\"").delete("/v1/servers/" + name).then().statusCode(412);
  }

  @Test
  void aChangeIsCheckedAsARegistrationIs() {
    register(Map.of()).statusCode(201);

    patch("{\"prot\": 1}").statusCode(400).body("field", equalTo("prot"));
    patch("{\"port\": 70000}").statusCode(400).body("violations[0].field", equalTo("port"));
    patch("{\"host\": null}").statusCode(400).body("violations[0].field", equalTo("host"));
    patch("{\"name\": \"other\"}").statusCode(400).body("field", equalTo("name"));
    patch("{\"password\": \"wrong\"}").statusCode(422);
    patch("{\"port\": 1}").statusCode(400).body("field", equalTo("password"));
    patch("{\"sslMode\": \"DISABLE\"}").statusCode(400).body("field", equalTo("password"));
    patch("{\"port\": 1, \"password\": \"" + PostgresServer.PASSWORD + "\"}").statusCode(502);
    given().get("/v1/servers/" + name).then().header("ETag", "\"1\"");
  }

  @Test
  void aServerThatSomebodyIsChangingIsNotForgotten() {
    register(Map.of()).statusCode(201);
    application
        .controlDatabase()
        .execute(
            "insert into server_lock select id, id, 'request/7', 'PUT ssl', now(),"
                + " now() + interval '1 hour' from server where name = '"
                + name
                + "'");

    given()
        .delete("/v1/servers/" + name)
        .then()
        .statusCode(409)
        .body("type", equalTo("/problems/operation-in-progress"))
        .body("holder", equalTo("request/7"))
        .body("operation", equalTo("PUT ssl"));
  }

  @Test
  void pagesAndLabelsSelectServers() {
    String team = UUID.randomUUID().toString();
    List<String> names = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      names.add("page-" + i + "-" + team);
      register(Map.of("name", names.get(i), "labels", Map.of("team", team, "odd", "" + i % 2)))
          .statusCode(201);
    }

    List<String> seen = new ArrayList<>();
    String token = null;
    do {
      var page =
          given()
              .queryParam("label", "team=" + team)
              .queryParam("pageSize", 2)
              .queryParams(token == null ? Map.of() : Map.of("pageToken", token))
              .get("/v1/servers")
              .then()
              .statusCode(200)
              .extract();
      seen.addAll(page.path("servers.name"));
      token = page.path("nextPageToken");
    } while (token != null);

    assertThat(seen).isEqualTo(names);
    given()
        .queryParam("label", "team=" + team, "odd=1")
        .get("/v1/servers")
        .then()
        .body("servers.name", equalTo(List.of(names.get(1), names.get(3))))
        .body("$", not(hasKey("nextPageToken")));
  }

  private ValidatableResponse patch(String body) {
    return given().body(body).patch("/v1/servers/" + name).then();
  }

  private ValidatableResponse register(Map<String, Object> changes) {
    PostgresServer postgres = SERVERS.latest();
    Map<String, Object> body = new HashMap<>();
    body.put("name", name);
    body.put("host", postgres.host());
    body.put("port", postgres.port());
    body.put("username", PostgresServer.SUPERUSER);
    body.put("password", PostgresServer.PASSWORD);
    body.putAll(changes);
    return given().body(body).post("/v1/servers").then();
  }
}
