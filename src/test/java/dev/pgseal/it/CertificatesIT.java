package dev.pgseal.it;

import static dev.pgseal.it.Managed.authority;
import static dev.pgseal.it.Managed.register;
import static dev.pgseal.it.Managed.ssl;
import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.containsString;
import static org.hamcrest.Matchers.equalTo;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.SelfSigned;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.testing.PostgresServer;
import io.restassured.response.ValidatableResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Clock;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Certificates issued, taken and refused over HTTP. */
class CertificatesIT {

  private final PostgresServer postgres = PostgresServer.start(18);
  private final KeyMaterial key = KeyType.DEFAULT.generate();
  private final IssuedCertificate provided =
      SelfSigned.server(
          ServerCertificateRequest.of("localhost", "127.0.0.1"), key, Clock.systemUTC());
  private String server;

  @BeforeEach
  void start() {
    Application.shared();
    server = register(postgres);
  }

  @AfterEach
  void stop() {
    postgres.close();
  }

  @Test
  void aCertificateOfAnAuthorityIsInstalledAndServedAndItsBundleVerifiesIt() {
    String authority = authority();
    install(Map.of("source", "AUTHORITY", "authority", authority))
        .statusCode(201)
        .body("servedFingerprint", nullValue())
        .body("keyOrigin", notNullValue());
    ssl(server, true).statusCode(200).body("mode", equalTo("OFFERED"));
    String second =
        install(Map.of("source", "AUTHORITY", "authority", authority))
            .statusCode(201)
            .extract()
            .path("certificate.fingerprint");

    given()
        .get("/v1/servers/" + server + "/ssl")
        .then()
        .body("served.fingerprint", equalTo(second));
    given()
        .accept("*/*")
        .get("/v1/authorities/" + authority + "/bundle")
        .then()
        .statusCode(200)
        .body(containsString("BEGIN CERTIFICATE"));
  }

  @Test
  void aProvidedPairIsInstalledAndItsKeyNeverAnswered() {
    String body = provided(provided.chainPem(), pem(key)).statusCode(201).extract().asString();
    assertThat(body).doesNotContain("PRIVATE KEY").contains("SENT_AFTER_FIRST_CONTACT");
  }

  @Test
  void aKeyThatDoesNotMatchIsRefusedAndNothingIsWritten() {
    provided(provided.chainPem(), pem(KeyType.DEFAULT.generate()))
        .statusCode(422)
        .body("type", equalTo("/problems/certificate-invalid"));
    assertThat(Files.exists(postgres.dataDirectory().resolve("pgseal/current"))).isFalse();
  }

  @Test
  void malformedPemsAreRefusedWithoutEchoingThem() {
    String damaged = pem(key).replace("-----END", "----END");
    String answer = provided(provided.chainPem(), damaged).statusCode(422).extract().asString();
    assertThat(answer).doesNotContain(pem(key).lines().skip(1).findFirst().orElseThrow());
    provided("no pem at all", pem(key)).statusCode(422);
    install(Map.of("source", "PROVIDED", "certificateChain", provided.chainPem()))
        .statusCode(400)
        .body("field", equalTo("privateKey"));
  }

  @Test
  void aCertificateForOtherNamesIsRefusedUnlessThatIsAccepted() {
    KeyMaterial otherKey = KeyType.DEFAULT.generate();
    String other =
        SelfSigned.server(
                ServerCertificateRequest.of("elsewhere.example"), otherKey, Clock.systemUTC())
            .chainPem();
    provided(other, pem(otherKey))
        .statusCode(422)
        .body("type", equalTo("/problems/certificate-invalid"));
    install(
            Map.of(
                "source",
                "PROVIDED",
                "certificateChain",
                other,
                "privateKey",
                pem(otherKey),
                "accept",
                java.util.List.of("NAME_MISMATCH")))
        .statusCode(201);
  }

  @Test
  void anEd25519AuthorityNeedsAnExplicitAcceptance() {
    given()
        .body(Map.of("name", "edwards", "keyType", "ED25519"))
        .post("/v1/authorities")
        .then()
        .statusCode(422)
        .body("detail", containsString("channel binding"));
    install(Map.of("source", "AUTHORITY", "authority", "no-such"))
        .statusCode(404)
        .body("type", equalTo("/problems/not-found"));
  }

  private ValidatableResponse provided(String chain, String privateKey) {
    return install(
        Map.of("source", "PROVIDED", "certificateChain", chain, "privateKey", privateKey));
  }

  private ValidatableResponse install(Map<String, Object> request) {
    return given().body(request).post("/v1/servers/" + server + "/certificates").then();
  }

  private static String pem(KeyMaterial key) {
    return new String(key.pkcs8Pem(), StandardCharsets.US_ASCII);
  }
}
