package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.oneOf;

import dev.pgseal.contract.ContractFilter;
import dev.pgseal.testing.PostgresServer;
import io.restassured.RestAssured;
import io.restassured.builder.RequestSpecBuilder;
import io.restassured.http.ContentType;
import io.restassured.specification.RequestSpecification;
import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** This version on the control database of an earlier one; see the README beside the dump. */
class UpgradeIT {

  private static final Path FIXTURE = Path.of("src/test/resources/upgrade").toAbsolutePath();
  private static final String ROLLOUT = "bc307fcc-ef94-4e32-9121-d69303b460a3";
  private static final String ROTATION = "a8869926-49e3-4241-864a-3abb1855a159";

  @TempDir Path directory;

  @Test
  void whatAnEarlierVersionLeftIsMigratedAndItsJobsGoOn() throws Exception {
    try (PostgresServer control =
            PostgresServer.builder(14).authenticationTimeout(Duration.ofMinutes(1)).start();
        PostgresServer managed =
            PostgresServer.builder(16).authenticationTimeout(Duration.ofSeconds(3)).start();
        ServiceProcess service = ServiceProcess.of(properties(control), directory)) {
      control.execute(
          Files.readString(FIXTURE.resolve("v4.sql")),
          "update public.server set port = %d where name = 'orders'".formatted(managed.port()));

      service.start();

      as(service, "pipeline");
      given()
          .get("/v1/jobs/" + ROLLOUT + "?wait=60s")
          .then()
          .statusCode(200)
          .body("state", equalTo("SUCCEEDED"))
          .body("requestedBy", equalTo("pipeline"))
          .body("steps.state", everyItem(is(oneOf("DONE", "SKIPPED"))));
      assertThat(Managed.mode("orders")).isEqualTo("ENFORCED");

      as(service, "bootstrap");
      goOnFrom("CONFIRM_TRUST");
      goOnFrom("CONFIRM_SERVED");
      given().get("/v1/jobs/" + ROTATION + "?wait=60s").then().body("state", equalTo("SUCCEEDED"));
      given()
          .urlEncodingEnabled(false)
          .get("/v1/audit:check")
          .then()
          .statusCode(200)
          .body("intact", equalTo(true));
      given().get("/v1/audit?job=" + ROLLOUT).then().body("entries[0].actor", equalTo("pgseal"));
    }
  }

  private static Map<String, String> properties(PostgresServer control) {
    return Map.of(
        "quarkus.datasource.jdbc.url",
        "jdbc:postgresql://%s:%d/postgres".formatted(control.host(), control.port()),
        "quarkus.datasource.username",
        PostgresServer.SUPERUSER,
        "quarkus.datasource.password",
        PostgresServer.PASSWORD,
        "pgseal.keyset-file",
        FIXTURE.resolve("v4-keyset.json").toString());
  }

  private static void as(ServiceProcess service, String caller) throws IOException {
    Properties tokens = new Properties();
    tokens.load(new StringReader(Files.readString(FIXTURE.resolve("tokens.properties"))));
    RestAssured.requestSpecification = null;
    RequestSpecification request =
        new RequestSpecBuilder()
            .setBaseUri(service.baseUri())
            .addHeader("Authorization", "Bearer " + tokens.getProperty(caller))
            .setContentType(ContentType.JSON)
            .addFilter(new ContractFilter())
            .build();
    RestAssured.requestSpecification = request;
  }

  private static void goOnFrom(String step) {
    await(step)
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () ->
                given()
                    .get("/v1/jobs/" + ROTATION)
                    .then()
                    .body("state", equalTo("AWAITING_APPROVAL"))
                    .body("steps.find { it.state == 'RUNNING' }.kind", equalTo(step)));
    given()
        .urlEncodingEnabled(false)
        .post("/v1/jobs/" + ROTATION + ":continue")
        .then()
        .statusCode(200);
  }
}
