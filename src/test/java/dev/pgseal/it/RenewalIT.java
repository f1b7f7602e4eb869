package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.greaterThan;

import dev.pgseal.testing.PostgresServer;
import io.restassured.RestAssured;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Certificates of some seconds' life, renewed by the service itself. */
class RenewalIT {

  private static final int LATEST = 18;
  private static Application application;

  @BeforeAll
  static void start() {
    application =
        Application.start(
            Map.of(
                "pgseal.certificates.check-interval", "500ms",
                "pgseal.certificates.check-jitter", "100ms",
                "pgseal.certificates.retry-after", "1s",
                "pgseal.certificates.retry-at-most", "2s",
                "pgseal.certificates.metrics-interval", "500ms"));
  }

  @AfterAll
  static void stop() {
    application.close();
  }

  @BeforeEach
  void use() {
    RestAssured.requestSpecification = application.replica().admin();
  }

  @Test
  void aCertificateIsRenewedByItselfWhileClientsReconnectAndNoneFails() throws IOException {
    try (PostgresServer postgres = PostgresServer.start(LATEST)) {
      String server = Managed.register(postgres);
      String authority = Managed.authority();
      String first = install(server, authority, "PT60S");
      Managed.ssl(server, true).statusCode(200);

      try (ReconnectingClients clients = new ReconnectingClients(bundle(authority), postgres)) {
        awaitRenewal(server, "lastRenewedAt");
        assertThat(served(server)).isNotEqualTo(first);
        long before = clients.successes();
        Awaitility.await().until(() -> clients.successes() > before + 20);
        assertThat(clients.failures()).isEmpty();
      }
      Awaitility.await().untilAsserted(() -> assertThat(generations(postgres)).hasSize(1));
      assertThat(metrics())
          .containsPattern(
              "pgseal_served_certificate_expiry_timestamp_seconds\\{server=\"" + server + "\"");
      given()
          .get("/v1/servers/" + server + "/renewal")
          .then()
          .body("automatic", equalTo(true))
          .body("failures", equalTo(0));
    }
  }

  @Test
  void aRenewalThatFailsIsSeenRetriedAndGoesThroughOnceTheCauseIsGone() throws IOException {
    try (PostgresServer postgres = PostgresServer.start(LATEST)) {
      String server = Managed.register(postgres);
      String first = install(server, Managed.authority(), "PT20S");
      Managed.ssl(server, true).statusCode(200);
      Path conf = postgres.dataDirectory().resolve("postgresql.conf");
      String good = Files.readString(conf);
      Files.writeString(conf, good + "\nno_such_setting = on\n");

      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  given()
                      .get("/v1/servers/" + server + "/renewal")
                      .then()
                      .body("failures", greaterThan(1))
                      .body("lastProblem", containsString("no_such_setting")));
      assertThat(served(server)).isEqualTo(first);
      Awaitility.await()
          .untilAsserted(
              () ->
                  assertThat(metrics())
                      .containsPattern(
                          "pgseal_renewal_failures_total\\{server=\"" + server + "\"[^}]*} [2-9]"));

      Files.writeString(conf, good);
      Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> !served(server).equals(first));
      awaitRenewal(server, "lastRenewedAt");
    }
  }

  @Test
  void aCertificateThatIsNotOursIsWatchedAndNeverReplaced() {
    try (PostgresServer postgres = PostgresServer.start(LATEST)) {
      String server = Managed.register(postgres);
      given()
          .body(Map.of("source", "SELF_SIGNED", "validity", "PT15S"))
          .post("/v1/servers/" + server + "/certificates")
          .then()
          .statusCode(201);
      Managed.ssl(server, true).statusCode(200);
      String fingerprint = served(server);

      given()
          .urlEncodingEnabled(false)
          .post("/v1/servers/" + server + "/certificates:renew")
          .then()
          .statusCode(409)
          .body("detail", containsString("never replaced"));
      awaitRenewal(server, "served.observedAt");
      given()
          .get("/v1/servers/" + server + "/renewal")
          .then()
          .body("automatic", equalTo(false))
          .body("reason", containsString("only watched"));
      assertThat(served(server)).isEqualTo(fingerprint);
    }
  }

  @Test
  void aServedCertificateThatIsRevokedIsReplacedAtOnce() {
    try (PostgresServer postgres = PostgresServer.start(LATEST)) {
      String server = Managed.register(postgres);
      String first = install(server, Managed.authority(), "P90D");
      Managed.ssl(server, true).statusCode(200);
      awaitRenewal(server, "served.observedAt");

      String id =
          given()
              .queryParam("server", server)
              .get("/v1/certificates")
              .then()
              .extract()
              .path("certificates[0].id");
      given()
          .urlEncodingEnabled(false)
          .body(Map.of("reason", "SUPERSEDED"))
          .post("/v1/certificates/" + id + ":revoke")
          .then()
          .statusCode(200);

      Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> !served(server).equals(first));
      given().get("/v1/certificates/" + id).then().body("status", equalTo("REVOKED"));
    }
  }

  @Test
  void renewingNowMakesANewKeyAndRemovesTheOldOne() throws IOException {
    try (PostgresServer postgres = PostgresServer.start(LATEST)) {
      String server = Managed.register(postgres);
      String first = install(server, Managed.authority(), "P90D");
      Managed.ssl(server, true).statusCode(200);
      List<Path> before = generations(postgres);

      String job =
          given()
              .urlEncodingEnabled(false)
              .post("/v1/servers/" + server + "/certificates:renew")
              .then()
              .statusCode(202)
              .extract()
              .path("id");
      Managed.await(job).body("state", equalTo("SUCCEEDED"));

      assertThat(served(server)).isNotEqualTo(first);
      assertThat(generations(postgres)).hasSize(1).doesNotContainAnyElementsOf(before);
    }
  }

  @Test
  void aValidityThatTheAuthorityWouldRefuseIsRefusedBeforeARenewalNeedsIt() {
    try (PostgresServer postgres = PostgresServer.start(LATEST)) {
      String server = Managed.register(postgres);
      install(server, Managed.authority(), "P90D");
      String path = "/v1/servers/" + server + "/renewal";

      for (String validity : List.of("PT1S", "-P1D", "PT9223372036854775807S")) {
        given()
            .body(Map.of("enabled", true, "validity", validity))
            .put(path)
            .then()
            .statusCode(400)
            .body("type", equalTo("/problems/validation-failed"))
            .body("detail", containsString("must be between PT10S"));
      }
      given()
          .body(Map.of("enabled", true, "validity", "P826D"))
          .put(path)
          .then()
          .statusCode(422)
          .body("type", equalTo("/problems/policy-violation"));
      given().get(path).then().body("validity", equalTo("PT2160H"));
      given()
          .body(Map.of("enabled", true, "validity", "P825D"))
          .put(path)
          .then()
          .statusCode(200)
          .body("validity", equalTo("PT19800H"));
    }
  }

  private static String install(String server, String authority, String validity) {
    return given()
        .body(Map.of("source", "AUTHORITY", "authority", authority, "validity", validity))
        .post("/v1/servers/" + server + "/certificates")
        .then()
        .statusCode(201)
        .extract()
        .path("certificate.fingerprint");
  }

  private static void awaitRenewal(String server, String field) {
    Awaitility.await()
        .atMost(Duration.ofSeconds(90))
        .until(
            () ->
                given().get("/v1/servers/" + server + "/renewal").then().extract().path(field)
                    != null);
  }

  static String bundle(String authority) {
    return given().get("/v1/authorities/" + authority + "/bundle").then().extract().asString();
  }

  static String served(String server) {
    return given()
        .get("/v1/servers/" + server + "/ssl")
        .then()
        .extract()
        .path("served.fingerprint");
  }

  private static String metrics() {
    return given().accept("text/plain").get("/q/metrics").then().extract().asString();
  }

  private static List<Path> generations(PostgresServer postgres) throws IOException {
    try (Stream<Path> all = Files.list(postgres.dataDirectory().resolve("pgseal/certificates"))) {
      return all.toList();
    }
  }
}
