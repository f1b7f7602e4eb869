package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.hamcrest.Matchers.equalTo;

import dev.pgseal.testing.PostgresServer;
import io.restassured.RestAssured;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

/** CRLs of some seconds' life: an expired one would refuse every client certificate. */
class RevocationListRenewalIT {

  @Test
  void aListIsSignedAnewAndBroughtToTheServersBeforeItExpires() throws Exception {
    try (Application application =
            Application.start(
                Map.of(
                    "pgseal.certificates.check-interval", "500ms",
                    "pgseal.certificates.check-jitter", "100ms",
                    "pgseal.certificates.revocation-list-life", "15s"));
        PostgresServer postgres =
            PostgresServer.builder(18).authenticationTimeout(Duration.ofMinutes(1)).start()) {
      RestAssured.requestSpecification = application.replica().admin();
      String authority = Managed.authority();
      RevocationIT.secured(postgres, authority);
      ClientCertificates.Client gone = ClientCertificates.issue(authority, "app");
      ClientCertificates.Client other = ClientCertificates.issue(authority, "other");
      given()
          .urlEncodingEnabled(false)
          .post("/v1/certificates/" + gone.id() + ":revoke")
          .then()
          .statusCode(202)
          .body("reason", equalTo("UNSPECIFIED"));
      Instant expires = RevocationIT.crl(authority).getNextUpdate().toInstant();

      Awaitility.await()
          .atMost(Duration.ofSeconds(40))
          .until(() -> Instant.now().isAfter(expires.plusSeconds(2)));

      other.connect(postgres).close();
      RevocationIT.assertRevoked(gone, postgres);
      assertThat(RevocationIT.crl(authority).getNextUpdate()).isInTheFuture();
    } finally {
      Application.shared();
    }
  }

  @Test
  void aRevocationBeforeWhoseListTheServiceDiedIsStillPublished() throws Exception {
    try (Application application =
            Application.start(
                Map.of(
                    "pgseal.certificates.check-interval", "500ms",
                    "pgseal.certificates.check-jitter", "100ms"));
        PostgresServer postgres =
            PostgresServer.builder(18).authenticationTimeout(Duration.ofMinutes(1)).start()) {
      RestAssured.requestSpecification = application.replica().admin();
      String authority = Managed.authority();
      RevocationIT.secured(postgres, authority);
      ClientCertificates.Client gone = ClientCertificates.issue(authority, "app");

      application
          .controlDatabase()
          .execute(
              """
          insert into revoked_certificate (authority, issuer, serial, certificate_id,
            not_after, revoked_at, reason, revoked_by)
          select authority, (select issuer from revocation_list where authority = '%s'), '%s',
            id, not_after, now(), 'KEY_COMPROMISE', 'ann' from certificate where id = '%s'
          """
                  .formatted(authority, gone.serial(), gone.id()));

      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .untilAsserted(() -> RevocationIT.assertRevoked(gone, postgres));
    } finally {
      Application.shared();
    }
  }
}
