package dev.pgseal.it;

import static dev.pgseal.it.SecurityIT.anonymous;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.everyItem;
import static org.hamcrest.Matchers.hasSize;

import dev.pgseal.testing.PostgresServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509CRL;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Client certificates on servers, and what is left of them when one is revoked. */
class RevocationIT {

  private static final String RULES =
      """
      hostssl all app,other all cert
      hostssl all mapped all cert map=clients
      local all all scram-sha-256
      host all all all scram-sha-256
      """;

  private static Application application;
  private static PostgresServer latest;
  private static PostgresServer oldest;
  private static String authority;
  private static List<String> servers;

  @BeforeAll
  static void start() {
    application = Application.shared();
    latest = server(18);
    oldest = server(14);
    authority = Managed.authority();
    servers = List.of(secured(latest, authority), secured(oldest, authority));
  }

  private static PostgresServer server(int major) {
    return PostgresServer.builder(major).authenticationTimeout(Duration.ofMinutes(1)).start();
  }

  /** Serves TLS, takes client certificates of the authority, and its rules ask for them. */
  static String secured(PostgresServer postgres, String authority) {
    postgres.execute(
        "create role app login", "create role other login", "create role mapped login");
    String server = Managed.register(postgres);
    given()
        .body(Map.of("source", "AUTHORITY", "authority", authority))
        .post("/v1/servers/" + server + "/certificates")
        .then()
        .statusCode(201);
    Managed.ssl(server, true).statusCode(200);
    Managed.putHba(server, RULES)
        .statusCode(409)
        .body("detail", containsString("ssl_ca_file is not set"));
    given()
        .body(Map.of("authority", authority))
        .put("/v1/servers/" + server + "/client-authentication")
        .then()
        .statusCode(200)
        .body("trusted", hasSize(1));
    Managed.putHba(server, RULES).statusCode(200);
    return server;
  }

  @AfterAll
  static void stop() {
    latest.close();
    oldest.close();
  }

  @BeforeEach
  void use() {
    Application.shared();
  }

  @Test
  void aRevokedCertificateIsRefusedEverywhereItsSessionsEndAndOthersStay() throws Exception {
    ClientCertificates.Client app = ClientCertificates.issue(authority, "app");
    ClientCertificates.Client other = ClientCertificates.issue(authority, "other");
    try (Connection revokedOnLatest = app.connect(latest);
        Connection revokedOnOldest = app.connect(oldest);
        Connection otherOnLatest = other.connect(latest);
        Connection otherOnOldest = other.connect(oldest)) {

      String job =
          given()
              .urlEncodingEnabled(false)
              .body(Map.of("reason", "KEY_COMPROMISE"))
              .post("/v1/certificates/" + app.id() + ":revoke")
              .then()
              .statusCode(202)
              .body("serial", equalTo(app.serial()))
              .extract()
              .path("job.id");
      Managed.await(job)
          .body("state", equalTo("SUCCEEDED"))
          .body("steps", hasSize(4))
          .body("steps.state", everyItem(equalTo("DONE")));

      for (Connection ended : List.of(revokedOnLatest, revokedOnOldest)) {
        assertThat(ended.isValid(5)).isFalse();
      }
      for (PostgresServer server : List.of(latest, oldest)) {
        assertRevoked(app, server);
        other.connect(server).close();
      }
      assertThat(otherOnLatest.isValid(5)).isTrue();
      assertThat(otherOnOldest.isValid(5)).isTrue();
    }
    assertThat(crl(authority).getRevokedCertificate(new BigInteger(app.serial(), 16))).isNotNull();
  }

  /** pg_stat_ssl shows 63 bytes of the issuer's name, and commas in it escaped. */
  @Test
  void sessionsBelowAnAuthorityWithALongNameAreKnownAndEnded() throws Exception {
    String longNamed = "ca-" + UUID.randomUUID().toString().substring(0, 8);
    given()
        .body(
            Map.of(
                "name",
                longNamed,
                "organization",
                "Gesellschaft für Übermäßige Ausführlichkeit, Söhne & Co.",
                "commonName",
                "Databases, of " + longNamed))
        .post("/v1/authorities")
        .then()
        .statusCode(201);
    try (PostgresServer postgres = server(18)) {
      String server = secured(postgres, longNamed);
      ClientCertificates.Client app = ClientCertificates.issue(longNamed, "app");
      try (Connection session = app.connect(postgres)) {
        Map.of(longNamed, 0, authority, 1)
            .forEach(
                (name, foreign) ->
                    given()
                        .body(Map.of("authority", name, "validateOnly", true))
                        .put("/v1/servers/" + server + "/client-authentication")
                        .then()
                        .statusCode(200)
                        .body("foreignSessions", hasSize(foreign)));
        String job =
            given()
                .urlEncodingEnabled(false)
                .post("/v1/certificates/" + app.id() + ":revoke")
                .then()
                .statusCode(202)
                .extract()
                .path("job.id");
        Managed.await(job).body("state", equalTo("SUCCEEDED"));
        assertThat(session.isValid(5)).isFalse();
      }
    }
  }

  @Test
  void theListIsForEverybodyAndCanBeCached() {
    var answer =
        anonymous()
            .get("/v1/authorities/" + authority + "/crl")
            .then()
            .statusCode(200)
            .contentType("application/pkix-crl")
            .header("Cache-Control", containsString("max-age="));

    given()
        .header("If-None-Match", answer.extract().header("ETag"))
        .get("/v1/authorities/" + authority + "/crl")
        .then()
        .statusCode(304);
    given()
        .header("If-Match", "\"0\"")
        .get("/v1/authorities/" + authority + "/crl")
        .then()
        .statusCode(412)
        .body("type", equalTo("/problems/precondition-failed"));
  }

  @Test
  void whatClientsTrustIsForEverybodyToo() {
    anonymous()
        .get("/v1/authorities/" + authority + "/bundle")
        .then()
        .statusCode(200)
        .header("Cache-Control", containsString("max-age="))
        .body(containsString("BEGIN CERTIFICATE"));
    anonymous().get("/v1/authorities/" + authority + "/certificate").then().statusCode(401);
  }

  @Test
  void whoeverPresentsAForeignCertificateIsToldBeforehand() throws Exception {
    String another = Managed.authority();
    try (Connection client = ClientCertificates.issue(authority, "other").connect(latest)) {
      given()
          .body(Map.of("authority", another, "validateOnly", true))
          .put("/v1/servers/" + servers.get(0) + "/client-authentication")
          .then()
          .statusCode(200)
          .body("foreignSessions.username", equalTo(List.of("other")));
      assertThat(client.isValid(5)).isTrue();
    }
    given()
        .delete("/v1/servers/" + servers.get(0) + "/client-authentication")
        .then()
        .statusCode(409)
        .body("type", equalTo("/problems/lockout-risk"));
  }

  @Test
  void aMapOfPgIdentLetsACertificateInAsAnotherRole() throws Exception {
    ClientCertificates.Client service = ClientCertificates.issue(authority, "some-service");
    ClientCertificates.Client asMapped =
        new ClientCertificates.Client(service.id(), "mapped", service.serial(), service.file());
    for (PostgresServer postgres : List.of(latest, oldest)) {
      String server = servers.get(postgres == latest ? 0 : 1);
      String path = "/v1/servers/" + server + "/ident";
      assertThatThrownBy(() -> asMapped.connect(postgres).close()).isInstanceOf(SQLException.class);
      String before = given().accept("text/plain").get(path).then().extract().asString();
      String tag = given().get(path).then().extract().header("ETag");

      String id =
          given()
              .header("If-Match", tag)
              .body(Map.of("entry", "clients /^some-(.*)$ mapped # by the test"))
              .post(path + "/entries")
              .then()
              .statusCode(200)
              .extract()
              .path("entries[0].id");
      asMapped.connect(postgres).close();
      given()
          .header("If-Match", tag)
          .body(Map.of("entry", "a b c"))
          .post(path + "/entries")
          .then()
          .statusCode(412);
      tag = given().get(path).then().extract().header("ETag");
      given()
          .header("If-Match", tag)
          .body(Map.of("entry", "clients only-two"))
          .post(path + "/entries")
          .then()
          .statusCode(422)
          .body("type", equalTo("/problems/ident-invalid"));

      given().header("If-Match", tag).delete(path + "/entries/" + id).then().statusCode(200);
      assertThatThrownBy(() -> asMapped.connect(postgres).close()).isInstanceOf(SQLException.class);
      assertThat(given().accept("text/plain").get(path).then().extract().asString())
          .isEqualTo(before);
    }
  }

  @Test
  void whatWasNotIssuedHereCannotBeRevokedHere() {
    given()
        .urlEncodingEnabled(false)
        .post("/v1/certificates/" + UUID.randomUUID() + ":revoke")
        .then()
        .statusCode(404);
  }

  /** Refused each time; that the alert is read before the connection is reset takes some luck. */
  static void assertRevoked(ClientCertificates.Client client, PostgresServer server) {
    Awaitility.await()
        .pollInterval(Duration.ofMillis(50))
        .untilAsserted(
            () ->
                assertThat(catchThrowable(() -> client.connect(server).close()))
                    .isInstanceOf(SQLException.class)
                    .hasStackTraceContaining("certificate_revoked"));
  }

  static X509CRL crl(String authority) throws IOException, GeneralSecurityException {
    byte[] der =
        given().get("/v1/authorities/" + authority + "/crl").then().extract().asByteArray();
    return (X509CRL)
        CertificateFactory.getInstance("X.509").generateCRL(new ByteArrayInputStream(der));
  }
}
