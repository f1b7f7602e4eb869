package dev.pgseal.it;

import dev.pgseal.certificate.Acceptance;
import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.ClientCertificateRequest;
import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.security.TinkSecrets;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.EnumSet;
import java.util.Map;
import java.util.UUID;

/** Client certificates of an authority of the service, made with its key behind the API. */
final class ClientCertificates {

  private static final Clock CLOCK = Clock.systemUTC();
  private static final char[] PASSPHRASE = "only-of-this-test".toCharArray();

  private ClientCertificates() {}

  /** A client certificate in a PKCS#12 file, and the id of its record. */
  record Client(UUID id, String role, String serial, Path file) {

    Connection connect(PostgresServer server) throws SQLException {
      return server.connect(
          role,
          Map.of(
              "sslmode",
              "require",
              "sslkey",
              file.toString(),
              "sslpassword",
              new String(PASSPHRASE)));
    }
  }

  static Client issue(Application application, String authority, String role)
      throws SQLException, IOException {
    KeyMaterial key = KeyType.DEFAULT.generate();
    IssuedCertificate issued =
        open(application, authority)
            .issueClient(
                new ClientCertificateRequest(role, Duration.ofDays(1), KeyType.DEFAULT),
                key.publicKey(),
                CLOCK);
    Path file = Files.createTempDirectory("pgseal-client").resolve("client.p12");
    Files.write(file, key.pkcs12(issued.chain(), "user", PASSPHRASE));
    return new Client(
        record(application, authority, issued), role, issued.describe().serialNumber(), file);
  }

  private static Authority open(Application application, String authority) throws SQLException {
    try (Connection database = application.controlDatabase().connect();
        var select =
            database.prepareStatement(
                "select certificate_chain, private_key from authority where name = ?")) {
      select.setString(1, authority);
      try (var row = select.executeQuery()) {
        row.next();
        byte[] key =
            TinkSecrets.from(application.keyset())
                .open(row.getBytes(2), "authority/" + authority + "/key");
        return Authority.of(
            row.getString(1),
            new String(key, StandardCharsets.US_ASCII),
            null,
            AuthorityPolicy.DEFAULT,
            EnumSet.allOf(Acceptance.class),
            CLOCK);
      }
    }
  }

  private static UUID record(Application application, String authority, IssuedCertificate issued)
      throws SQLException {
    UUID id = UUID.randomUUID();
    try (Connection database = application.controlDatabase().connect();
        var insert =
            database.prepareStatement(
                """
                insert into certificate (id, authority, serial, fingerprint, subject_names,
                  not_before, not_after, pem, created_at)
                values (?, ?, ?, ?, '[]', ?, ?, ?, now())
                """)) {
      var description = issued.describe();
      insert.setObject(1, id);
      insert.setString(2, authority);
      insert.setString(3, description.serialNumber());
      insert.setString(4, description.fingerprint());
      insert.setObject(5, description.notBefore().atOffset(ZoneOffset.UTC));
      insert.setObject(6, description.notAfter().atOffset(ZoneOffset.UTC));
      insert.setString(7, issued.chainPem());
      insert.executeUpdate();
    }
    return id;
  }
}
