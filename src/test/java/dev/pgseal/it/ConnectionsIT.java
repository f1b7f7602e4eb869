package dev.pgseal.it;

import static dev.pgseal.it.Managed.register;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;

import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Who is connected, and ending sessions, over HTTP. */
class ConnectionsIT {

  @RegisterExtension static final SharedPostgres POSTGRES = new SharedPostgres();

  private PostgresServer postgres;
  private String connections;

  @BeforeEach
  void start() {
    Application.shared();
    postgres = POSTGRES.latest();
    connections = "/v1/servers/" + register(postgres) + "/connections";
  }

  @Test
  void sessionsAreListedWithTheirEncryptionAndFiltered() throws SQLException {
    try (Connection webshop = client("webshop");
        Connection other = client("other")) {
      given()
          .queryParam("applicationName", "webshop")
          .queryParam("encryption", "PLAINTEXT")
          .get(connections)
          .then()
          .statusCode(200)
          .body("connections.size()", equalTo(1))
          .body("connections[0].state", equalTo("idle"))
          .body("byEncryption.PLAINTEXT", equalTo(1))
          .body("summary[0].sessions", equalTo(1));
      given()
          .queryParam("encryption", "TLS")
          .get(connections)
          .then()
          .body("connections.size()", equalTo(0));
      given().queryParam("encryption", "SOME").get(connections).then().statusCode(400);
      assertThat(webshop.isValid(5) && other.isValid(5)).isTrue();
    }
  }

  @Test
  void aSessionIsEndedOnlyWhenItBeganWhenTheCallerSaysSo() throws SQLException {
    try (Connection victim = client("victim")) {
      int pid =
          given()
              .queryParam("applicationName", "victim")
              .get(connections)
              .path("connections[0].pid");
      String began =
          given()
              .queryParam("applicationName", "victim")
              .get(connections)
              .path("connections[0].backendStart");

      given()
          .queryParam("backendStart", "2020-01-01T00:00:00.000001Z")
          .delete(connections + "/" + pid)
          .then()
          .statusCode(404);
      assertThat(victim.isValid(5)).isTrue();
      given().delete(connections + "/" + pid).then().statusCode(400);
      given()
          .queryParam("backendStart", "yesterday")
          .delete(connections + "/" + pid)
          .then()
          .statusCode(400);
      given()
          .queryParam("backendStart", began)
          .delete(connections + "/" + pid)
          .then()
          .statusCode(200)
          .body("result", equalTo("TERMINATED"));
      assertThat(victim.isValid(5)).isFalse();
    }
  }

  @Test
  void manySessionsAreEndedByAFilterAndNeverWithoutOne() throws SQLException {
    try (Connection first = client("batch");
        Connection second = client("batch");
        Connection stays = client("stays")) {
      terminate(Map.of()).statusCode(400);
      terminate(Map.of("applicationName", "batch", "grace", "PT0S"))
          .statusCode(200)
          .body("terminated", equalTo(2))
          .body("results.result", everyItem(equalTo("TERMINATED")));
      assertThat(first.isValid(5)).isFalse();
      assertThat(second.isValid(5)).isFalse();
      assertThat(stays.isValid(5)).isTrue();
    }
  }

  /** A rollout takes back through its session what it cannot prove. */
  @Test
  void theSessionOfARunningChangeIsNotAmongThoseThatAreEnded() throws SQLException {
    try (Connection change = client("pgseal job/1");
        Connection other = client("other")) {
      terminate(Map.of("encryption", "PLAINTEXT", "grace", "PT0S")).statusCode(200);
      assertThat(change.isValid(5)).isTrue();
      assertThat(other.isValid(5)).isFalse();
    }
  }

  @Test
  void aGraceThatWouldHoldTheRequestForHoursIsRefused() {
    terminate(Map.of("applicationName", "busy", "grace", "PT5H")).statusCode(400);
    terminate(Map.of("applicationName", "busy", "grace", "PT-1S")).statusCode(400);
  }

  @Test
  void aSessionInsideATransactionIsEndedAfterItsGraceOnly() throws SQLException {
    try (Connection busy = client("busy")) {
      busy.setAutoCommit(false);
      busy.createStatement().execute("select 1");
      terminate(Map.of("applicationName", "busy", "grace", "PT1S"))
          .statusCode(200)
          .body("results[0].insideTransaction", equalTo(true));
      assertThat(busy.isValid(5)).isFalse();
    }
  }

  private io.restassured.response.ValidatableResponse terminate(Map<String, Object> request) {
    return given().urlEncodingEnabled(false).body(request).post(connections + ":terminate").then();
  }

  private Connection client(String applicationName) throws SQLException {
    return postgres.connect(
        PostgresServer.SUPERUSER,
        Map.of(
            "password",
            PostgresServer.PASSWORD,
            "sslmode",
            "disable",
            "ApplicationName",
            applicationName));
  }
}
