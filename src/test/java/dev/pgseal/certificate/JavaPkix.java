package dev.pgseal.certificate;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Set;

/** The path validation of the JDK (RFC 5280 §6). */
final class JavaPkix {

  private JavaPkix() {}

  /**
   * With revocation checked by these CRLs: each authority of the path must have one.
   *
   * @throws CertPathValidatorException why the path is refused
   */
  static void validate(
      List<X509Certificate> path, X509Certificate anchor, List<RevocationList> lists)
      throws GeneralSecurityException {
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(anchor, null)));
    parameters.setRevocationEnabled(true);
    parameters.addCertStore(
        CertStore.getInstance(
            "Collection",
            new CollectionCertStoreParameters(lists.stream().map(RevocationList::crl).toList())));
    CertPathValidator.getInstance("PKIX")
        .validate(CertificateFactory.getInstance("X.509").generateCertPath(path), parameters);
  }
}
