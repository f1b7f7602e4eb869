package dev.pgseal.certificate;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import javax.security.auth.x500.X500Principal;

/**
 * A certificate in words, for answers and records.
 *
 * @param subject RFC 2253 name, empty when only the subjectAltName identifies it
 * @param serialNumber lower-case hex as {@code openssl x509 -serial} shows it, without leading 00
 * @param names subjectAltName entries that clients compare, addresses in canonical text
 * @param keyType such as {@code EC P-256} or {@code RSA 2048}
 * @param signatureAlgorithm such as {@code SHA256withECDSA}; that of the issuer's key
 * @param fingerprint SHA-256 of the DER, lower-case hex
 * @param authority whether basicConstraints say CA
 */
public record CertificateDescription(
    String subject,
    String issuer,
    String serialNumber,
    Instant notBefore,
    Instant notAfter,
    List<String> names,
    String keyType,
    String signatureAlgorithm,
    String fingerprint,
    boolean authority) {

  public static CertificateDescription of(X509Certificate certificate) {
    return new CertificateDescription(
        certificate.getSubjectX500Principal().getName(X500Principal.RFC2253),
        certificate.getIssuerX500Principal().getName(X500Principal.RFC2253),
        certificate.getSerialNumber().toString(16),
        certificate.getNotBefore().toInstant(),
        certificate.getNotAfter().toInstant(),
        SubjectAltNames.of(certificate).texts(),
        SubjectKey.of(certificate).description(),
        certificate.getSigAlgName(),
        fingerprint(certificate),
        certificate.getBasicConstraints() >= 0);
  }

  /** SHA-256 of the DER, lower-case hex: the proof which certificate a handshake showed. */
  public static String fingerprint(X509Certificate certificate) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      return HexFormat.of().formatHex(sha256.digest(Pem.der(certificate)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every JDK has SHA-256", e);
    }
  }
}
