package dev.pgseal.certificate;

import static dev.pgseal.certificate.Fixtures.AUTHORITY;
import static dev.pgseal.certificate.Fixtures.CLOCK;
import static dev.pgseal.certificate.Fixtures.EC_KEY;
import static dev.pgseal.certificate.Fixtures.YEAR;
import static dev.pgseal.certificate.Fixtures.refusal;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.problem.ProblemType;
import java.math.BigInteger;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Client certificates, and the CRLs that take them back. */
class ClientCertificateTest {

  @TempDir Path directory;

  @Test
  void theCommonNameIsTheRole() throws Exception {
    X509Certificate leaf = client(AUTHORITY, "Büro user").leaf();

    assertThat(leaf.getSubjectX500Principal().getName()).isEqualTo("CN=Büro user");
    assertThat(leaf.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
    assertThat(leaf.getKeyUsage())
        .containsExactly(true, false, false, false, false, false, false, false, false);
    assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
    assertThat(leaf.getSubjectAlternativeNames()).isNull();
  }

  @Test
  void aRoleThatCannotStandInACertificateIsRefused() {
    for (String role : List.of("", "a".repeat(65), "nul\u0000byte")) {
      refusal(
          ProblemType.VALIDATION_FAILED,
          () -> new ClientCertificateRequest(role, YEAR, KeyType.DEFAULT));
    }
  }

  @Test
  void aCrlHasNumberDatesAndReasons() throws Exception {
    Instant now = Instant.parse("2030-05-01T12:00:00Z");
    Clock clock = Clock.fixed(now, ZoneOffset.UTC);
    BigInteger serial = client(AUTHORITY, "alice").leaf().getSerialNumber();
    RevokedCertificate entry = new RevokedCertificate(serial, now, RevocationReason.KEY_COMPROMISE);

    RevocationList list =
        AUTHORITY.issueCrl(BigInteger.TEN, List.of(entry), Duration.ofDays(7), clock);

    assertThat(list.crl().getVersion()).isEqualTo(2);
    assertThat(list.crl().getThisUpdate().toInstant()).isEqualTo("2030-05-01T11:55:00Z");
    assertThat(list.nextUpdate()).isEqualTo("2030-05-08T12:00:00Z");
    assertThat(list.crl().getRevokedCertificate(serial).getRevocationReason().name())
        .isEqualTo("KEY_COMPROMISE");
    assertThat(list.crl().getNonCriticalExtensionOIDs()).contains("2.5.29.20", "2.5.29.35");
    list.crl().verify(AUTHORITY.certificate().getPublicKey());
  }

  @Test
  void anUnspecifiedReasonIsLeftOut() {
    RevokedCertificate entry =
        new RevokedCertificate(BigInteger.TWO, CLOCK.instant(), RevocationReason.UNSPECIFIED);
    RevocationList list =
        AUTHORITY.issueCrl(BigInteger.ONE, List.of(entry), Duration.ofDays(1), CLOCK);

    assertThat(list.crl().getRevokedCertificate(BigInteger.TWO).hasExtensions()).isFalse();
  }

  @Test
  void openSslAcceptsAClientUntilItIsRevoked() throws Exception {
    OpenSsl.assumeInstalled(directory);
    for (KeyType type : KeyType.values()) {
      acceptedUntilRevoked(Fixtures.issuing(type));
    }
  }

  private void acceptedUntilRevoked(Authority authority) throws Exception {
    IssuedCertificate alice = client(authority, "alice");
    IssuedCertificate bob = client(authority, "bob");
    RevokedCertificate entry =
        new RevokedCertificate(
            alice.leaf().getSerialNumber(), CLOCK.instant(), RevocationReason.SUPERSEDED);
    RevocationList none = crl(authority, List.of());
    RevocationList one = crl(authority, List.of(entry));

    assertThat(verify(authority, alice, none)).contains("OK");
    assertThatThrownBy(() -> verify(authority, alice, one)).hasMessageContaining("revoked");
    assertThat(verify(authority, bob, one)).contains("OK");
  }

  private static RevocationList crl(Authority authority, List<RevokedCertificate> revoked) {
    return authority.issueCrl(BigInteger.ONE, revoked, RevocationList.DEFAULT_LIFE, CLOCK);
  }

  private String verify(Authority authority, IssuedCertificate client, RevocationList crl)
      throws Exception {
    OpenSsl openSsl = new OpenSsl(directory);
    openSsl.file("ca.pem", authority.bundle());
    openSsl.file("chain.pem", client.chainPem());
    openSsl.file("crl.pem", crl.pem());
    return openSsl.run(
        "verify",
        "-x509_strict",
        "-purpose",
        "sslclient",
        "-crl_check",
        "-CRLfile",
        "crl.pem",
        "-CAfile",
        "ca.pem",
        "-untrusted",
        "chain.pem",
        "chain.pem");
  }

  private static IssuedCertificate client(Authority authority, String role) {
    ClientCertificateRequest request =
        new ClientCertificateRequest(role, Duration.ofDays(90), KeyType.DEFAULT);
    return authority.issueClient(request, EC_KEY.publicKey(), CLOCK);
  }
}
