package dev.pgseal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.issuing.CertificateInstallation;
import dev.pgseal.issuing.CertificatePurpose;
import dev.pgseal.issuing.CertificateQuery;
import dev.pgseal.issuing.CertificateRecord;
import dev.pgseal.server.ManagedServer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class CertificateScopeTest {

  @RegisterExtension static final ControlDatabase DATABASE = new ControlDatabase();

  @Test
  void certificatesAreSelectedByTheLabelsOfTheirServers() {
    var certificates = new JdbiCertificateRecordStore(DATABASE.jdbi());
    Map<String, String> labels = Map.of("scope", UUID.randomUUID().toString());
    ManagedServer server = DATABASE.insertServer("secret", labels);
    CertificateRecord madeFor = certificate(server, "2026-01-01T00:00:00Z");
    CertificateRecord laidOn = certificate(DATABASE.insertServer(), "2026-02-01T00:00:00Z");
    certificates.insert(madeFor);
    certificates.insert(laidOn);
    certificates.insert(certificate(DATABASE.insertServer(), "2026-03-01T00:00:00Z"));
    new JdbiCertificateInstallationStore(DATABASE.jdbi())
        .insert(
            new CertificateInstallation(
                laidOn.id(),
                server.id(),
                server.name(),
                "g1",
                "/data/g1",
                Instant.parse("2026-02-01T00:00:00Z"),
                null,
                null));

    assertThat(certificates.list(new CertificateQuery(null, null, null, labels), null, 10))
        .containsExactly(laidOn, madeFor);
    assertThat(
            certificates.list(
                new CertificateQuery(null, null, null, Map.of("scope", "other")), null, 10))
        .isEmpty();
  }

  private static CertificateRecord certificate(ManagedServer server, String createdAt) {
    Instant created = Instant.parse(createdAt);
    return new CertificateRecord(
        UUID.randomUUID(),
        CertificatePurpose.SERVER,
        null,
        server.id(),
        "0a",
        "ff",
        "CN=db.example.org",
        List.of("db.example.org"),
        created,
        created.plusSeconds(3600),
        "pem",
        "ann",
        null,
        null,
        created);
  }
}
