package dev.pgseal.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidatorException;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every signature × key × name, below an intermediate authority and directly below a root, with
 * CRLs: judged by Java's PKIX validation and by {@code openssl verify -x509_strict}.
 */
class CertificateTableTest {

  @TempDir Path directory;

  @TestFactory
  Stream<DynamicTest> javaAcceptsEveryCertificateUntilItIsRevoked() {
    return CertificateCell.all()
        .map(cell -> dynamicTest(cell.toString(), () -> javaAcceptsUntilRevoked(cell)));
  }

  private static void javaAcceptsUntilRevoked(CertificateCell cell)
      throws GeneralSecurityException {
    X509Certificate anchor = Fixtures.root(cell.signer()).certificate();
    IssuedCertificate good = cell.issue();
    IssuedCertificate bad = cell.issue();
    List<RevocationList> lists = cell.revocationLists(bad);

    JavaPkix.validate(good.chain(), anchor, lists);
    assertThat(reason(bad.chain(), anchor, lists))
        .isEqualTo(CertPathValidatorException.BasicReason.REVOKED);

    IssuedCertificate direct = cell.issue(Fixtures.root(cell.signer()));
    assertThat(direct.chain()).hasSize(1);
    JavaPkix.validate(direct.chain(), anchor, lists);
    assertThat(reason(direct.chain(), anchor, List.of()))
        .as("without the CRL nothing is known")
        .isEqualTo(CertPathValidatorException.BasicReason.UNDETERMINED_REVOCATION_STATUS);
  }

  @TestFactory
  Stream<DynamicTest> openSslAcceptsEveryCertificateStrictlyUntilItIsRevoked() {
    OpenSsl.assumeInstalled(directory);
    return CertificateCell.all()
        .map(cell -> dynamicTest(cell.toString(), () -> openSslAcceptsUntilRevoked(cell)));
  }

  private void openSslAcceptsUntilRevoked(CertificateCell cell) throws IOException {
    IssuedCertificate good = cell.issue();
    IssuedCertificate bad = cell.issue();
    List<RevocationList> lists = cell.revocationLists(bad);

    assertThat(openSsl(cell, good, lists)).contains("OK");
    assertThatThrownBy(() -> openSsl(cell, bad, lists)).hasMessageContaining("certificate revoked");
    assertThat(openSsl(cell, cell.issue(Fixtures.root(cell.signer())), lists)).contains("OK");
  }

  /** Where one authority is lost, whatever it issued is. */
  @Test
  void aRevokedAuthorityTakesAllBelowItAlong() throws Exception {
    OpenSsl.assumeInstalled(directory);
    for (KeyType signer : KeyType.values()) {
      CertificateCell cell = new CertificateCell(signer, KeyType.ECDSA_P256, NameKind.DNS);
      IssuedCertificate good = cell.issue();
      Authority issuing = Fixtures.issuing(signer);
      IssuedCertificate authority =
          new IssuedCertificate(issuing.certificate(), issuing.chain(), List.of());
      List<RevocationList> lists =
          List.of(
              CertificateCell.revocationList(issuing),
              CertificateCell.revocationList(Fixtures.root(signer), authority));

      assertThat(reason(good.chain(), issuing.root(), lists))
          .isEqualTo(CertPathValidatorException.BasicReason.REVOKED);
      assertThatThrownBy(() -> openSsl(cell, good, lists))
          .hasMessageContaining("certificate revoked");
    }
  }

  @Test
  void everyNameMeetsEverySignatureAndEveryKeyOnEachMajorAndAllMeetInFive() {
    List<CertificateCell> five =
        Stream.of(14, 15, 16, 17, 18).flatMap(CertificateCell::of).toList();

    assertThat(five).containsAll(CertificateCell.all().toList());
    for (int major : List.of(14, 18)) {
      for (NameKind name : NameKind.values()) {
        List<CertificateCell> named =
            CertificateCell.of(major).filter(cell -> cell.name() == name).toList();
        assertThat(named).extracting(CertificateCell::signer).contains(KeyType.values());
        assertThat(named).extracting(CertificateCell::key).contains(KeyType.values());
      }
    }
  }

  private String openSsl(
      CertificateCell cell, IssuedCertificate certificate, List<RevocationList> lists)
      throws IOException {
    OpenSsl openSsl = new OpenSsl(directory);
    openSsl.file("crl.pem", lists.stream().map(RevocationList::pem).collect(Collectors.joining()));
    return openSsl.verifyServer(
        Fixtures.root(cell.signer()).bundle(),
        certificate.chainPem(),
        "-crl_check_all",
        "-CRLfile",
        "crl.pem",
        cell.name().isAddress() ? "-verify_ip" : "-verify_hostname",
        cell.name().host());
  }

  private static CertPathValidatorException.Reason reason(
      List<X509Certificate> path, X509Certificate anchor, List<RevocationList> lists) {
    CertPathValidatorException refusal =
        catchThrowableOfType(
            CertPathValidatorException.class, () -> JavaPkix.validate(path, anchor, lists));
    assertThat(refusal).as(Arrays.toString(path.toArray())).isNotNull();
    return refusal.getReason();
  }
}
