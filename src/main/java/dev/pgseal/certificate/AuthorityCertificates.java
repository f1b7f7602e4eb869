package dev.pgseal.certificate;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;

/** The profile of an authority's certificate (RFC 5280 §4.2.1.3, §4.2.1.9), made and checked. */
final class AuthorityCertificates {

  private static final int KEY_CERT_SIGN = 5; // bits of RFC 5280 §4.2.1.3
  private static final int CRL_SIGN = 6;

  private AuthorityCertificates() {}

  static X509Certificate sign(
      SigningKey issuer, AuthorityProfile profile, PublicKey key, Validity validity) {
    Integer pathLength = profile.pathLength();
    BasicConstraints constraints =
        pathLength == null ? new BasicConstraints(true) : new BasicConstraints(pathLength);
    CertificateBuilder certificate =
        new CertificateBuilder(
                issuer,
                DistinguishedName.of(profile.commonName(), profile.organization()),
                key,
                validity)
            .with(Extension.basicConstraints, true, constraints)
            .with(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
    List<PermittedName> permitted = profile.policy().permitted();
    if (!permitted.isEmpty()) {
      certificate.with(Extension.nameConstraints, true, NameConstraintRules.of(permitted));
    }
    return certificate.sign();
  }

  static SigningKey signingKey(X509Certificate certificate, KeyMaterial key) {
    return new SigningKey(DistinguishedName.subject(certificate), identifier(certificate), key);
  }

  /** Refuses a path length below the parent's that leaves no room for one more authority. */
  static void requireRoomBelow(X509Certificate parent, AuthorityProfile child) {
    int room = parent.getBasicConstraints(); // Integer.MAX_VALUE when there is no limit
    Integer wanted = child.pathLength();
    if (room == 0) {
      throw CertificateProblems.againstPolicy(
          "The path length of the authority is 0: it may certify no authority below it");
    }
    if (room != Integer.MAX_VALUE && (wanted == null || wanted >= room)) {
      throw CertificateProblems.againstPolicy(
          "The path length below this authority is at most " + (room - 1));
    }
  }

  /** Refuses a chain, own certificate first, that cannot issue anything clients would accept. */
  static void requireUsable(List<X509Certificate> chain, Clock clock) {
    for (int i = 0; i < chain.size(); i++) {
      requireAuthority(chain.get(i), i, clock);
    }
    ChainOrder.requireOrdered(chain);
    X509Certificate last = chain.get(chain.size() - 1);
    if (!ChainOrder.isSelfIssued(last)) {
      throw CertificateProblems.invalid(
              "The chain ends below its root: certificate %d (%s) was issued by %s"
                  .formatted(
                      chain.size(), last.getSubjectX500Principal(), last.getIssuerX500Principal()))
          .hint("Append the root certificate: it is what clients are given to trust.");
    }
    if (!ChainOrder.isIssuedBy(last, last)) {
      throw CertificateProblems.invalid(
          "The signature of the root (%s) does not hold".formatted(last.getSubjectX500Principal()));
    }
  }

  private static void requireAuthority(X509Certificate certificate, int index, Clock clock) {
    String which =
        "Certificate %d (%s)".formatted(index + 1, certificate.getSubjectX500Principal());
    if (certificate.getBasicConstraints() < 0) {
      throw CertificateProblems.invalid(which + " is not an authority's: basicConstraints lack CA")
          .hint("The authority's own certificate comes first, then its issuers up to the root.");
    }
    if (certificate.getBasicConstraints() < index) {
      throw CertificateProblems.invalid(
          which + " has a path length too short for the authorities below it");
    }
    boolean[] usage = certificate.getKeyUsage();
    if (usage != null && !usage[KEY_CERT_SIGN]) {
      throw CertificateProblems.invalid(which + " may not sign certificates: no keyCertSign");
    }
    String weakness = SubjectKey.of(certificate).weakness();
    if (weakness != null) {
      throw CertificateProblems.invalid(which + " is refused: " + weakness);
    }
    CertificateDates.requireValid(certificate, which, clock);
  }

  static void requireCrlSign(X509Certificate certificate) {
    if (!mayCrlSign(certificate)) {
      throw CertificateProblems.invalid(
          "The authority may not sign CRLs: its keyUsage lacks cRLSign");
    }
  }

  static boolean mayCrlSign(X509Certificate certificate) {
    boolean[] usage = certificate.getKeyUsage();
    return usage == null || usage[CRL_SIGN];
  }

  /** The SKI the certificate itself carries; without one, what method 1 of RFC 5280 would give. */
  private static AuthorityKeyIdentifier identifier(X509Certificate certificate) {
    byte[] extension = certificate.getExtensionValue(Extension.subjectKeyIdentifier.getId());
    if (extension == null) {
      return CertificateBuilder.authorityKeyIdentifier(certificate.getPublicKey());
    }
    byte[] value = ASN1OctetString.getInstance(extension).getOctets();
    return new AuthorityKeyIdentifier(SubjectKeyIdentifier.getInstance(value).getKeyIdentifier());
  }
}
