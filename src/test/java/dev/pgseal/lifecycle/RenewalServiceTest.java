package dev.pgseal.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.issuing.CertificatePurpose;
import dev.pgseal.issuing.CertificateRecords;
import dev.pgseal.job.NoEngine;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.MemoryStores;
import dev.pgseal.tls.RenewalStore;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a renewal is due. */
class RenewalServiceTest {

  private static final Instant ISSUED = Instant.parse("2026-06-01T00:00:00Z");

  private final Clock clock = Clock.fixed(ISSUED, ZoneOffset.UTC);
  private final MemoryStores stores = new MemoryStores();
  private final RenewalsInMemory renewals = new RenewalsInMemory();
  private final Authorities authorities = new Authorities(stores.authorities, clock);
  private final RenewalService service =
      new RenewalService(
          renewals, stores.certificates, authorities, new NoEngine(), new ObjectMapper(), clock);
  private final ManagedServer server = server();

  @BeforeEach
  void authority() {
    authorities.create("corp", AuthorityProfile.of("Corp CA"));
  }

  @Test
  void aRenewalIsDueAtTwoThirdsOfTheLifeThatWasAskedFor() {
    serves(Duration.ofDays(90));
    renewals.installed(server.id(), "corp", "ECDSA_P256", Duration.ofDays(90));

    assertThat(service.status(server).dueAt())
        .isBetween(ISSUED.plus(Duration.ofDays(54)), ISSUED.plus(Duration.ofDays(61)));
  }

  @Test
  void anIssuerThatGaveLessThanWasAskedForIsNotAskedAgainAtOnce() {
    serves(Duration.ofDays(90));
    renewals.installed(server.id(), "corp", "ECDSA_P256", Duration.ofDays(365));

    assertThat(service.status(server).dueAt())
        .isBetween(ISSUED.plus(Duration.ofDays(54)), ISSUED.plus(Duration.ofDays(61)));
  }

  @Test
  void aShortLifeIsCountedFromTheIssueThoughNotBeforeIsEarlier() {
    serves(Duration.ofSeconds(60));
    renewals.installed(server.id(), "corp", "ECDSA_P256", Duration.ofSeconds(60));

    assertThat(service.status(server).dueAt())
        .isBetween(ISSUED.plusSeconds(34), ISSUED.plusSeconds(41));
  }

  @Test
  void aCertificateThatIsNotOursIsNeverDue() {
    renewals.installed(server.id(), "corp", "ECDSA_P256", Duration.ofDays(90));
    renewals.observed(
        new RenewalStore.Observed(
            server.id(),
            server.name(),
            "0000",
            "CN=Elsewhere",
            ISSUED,
            ISSUED.plusSeconds(10),
            ISSUED));

    assertThat(service.status(server).dueAt()).isNull();
    assertThat(service.status(server).reason()).contains("only watched");
  }

  private void serves(Duration validity) {
    KeyMaterial key = KeyType.DEFAULT.generate();
    IssuedCertificate issued =
        authorities
            .open("corp")
            .issueServer(
                new ServerCertificateRequest(
                    List.of("localhost"), validity, KeyType.DEFAULT, true, Set.of()),
                key.publicKey(),
                clock);
    CertificateDescription certificate = issued.describe();
    new CertificateRecords(stores.certificates, stores.installations, clock)
        .issued(
            CertificatePurpose.SERVER, "corp", server.id(), certificate, issued.chainPem(), null);
    renewals.observed(
        new RenewalStore.Observed(
            server.id(),
            server.name(),
            certificate.fingerprint(),
            certificate.issuer(),
            certificate.notBefore(),
            certificate.notAfter(),
            ISSUED));
  }

  private static ManagedServer server() {
    return new ManagedServer(
        UUID.randomUUID(),
        "orders",
        "localhost",
        5432,
        "postgres",
        "postgres",
        ConnectionSslMode.PREFER,
        null,
        List.of(),
        Map.of(),
        null,
        1,
        ISSUED,
        ISSUED);
  }
}
