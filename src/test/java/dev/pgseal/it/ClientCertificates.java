package dev.pgseal.it;

import static io.restassured.RestAssured.given;

import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;

/** Client certificates that the service issues, in the PKCS#12 files that pgjdbc takes. */
final class ClientCertificates {

  private static final String PASSPHRASE = "only-of-this-test";

  private ClientCertificates() {}

  /** A client certificate in its file, and the id of its record. */
  record Client(UUID id, String role, String serial, Path file) {

    Connection connect(PostgresServer server) throws SQLException {
      return server.connect(
          role, Map.of("sslmode", "require", "sslkey", file.toString(), "sslpassword", PASSPHRASE));
    }
  }

  static Client issue(String authority, String role) throws IOException {
    var issued =
        given()
            .body(
                Map.of(
                    "authority", authority,
                    "purpose", "CLIENT",
                    "commonName", role,
                    "keyFormat", "PKCS12",
                    "passphrase", PASSPHRASE))
            .post("/v1/certificates")
            .then()
            .statusCode(201)
            .extract();
    Path file = Files.createTempDirectory("pgseal-client").resolve("client.p12");
    Files.write(file, Base64.getDecoder().decode((String) issued.path("pkcs12")));
    return new Client(
        UUID.fromString(issued.path("certificate.id")),
        role,
        issued.path("certificate.serialNumber"),
        file);
  }
}
