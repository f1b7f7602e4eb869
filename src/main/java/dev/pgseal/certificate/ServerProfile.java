package dev.pgseal.certificate;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/** The profile of a server certificate (RFC 5280 §4.2, CA/B baseline requirements §7.1.2.7). */
final class ServerProfile {

  private ServerProfile() {}

  /** The first name that is one and fits; clients that know subjectAltName never look at it. */
  static X500Name subject(SubjectAltNames names) {
    return names.properNames().stream()
        .filter(name -> name.length() <= DistinguishedName.MAX_COMMON_NAME)
        .findFirst()
        .map(DistinguishedName::commonName)
        .orElse(DistinguishedName.EMPTY);
  }

  static X509Certificate sign(
      SigningKey issuer,
      X500Name subject,
      SubjectAltNames names,
      PublicKey key,
      Validity validity) {
    return builder(issuer, subject, names, key, validity)
        .with(Extension.keyUsage, true, keyUsage(key))
        .sign();
  }

  /**
   * Without keyUsage: OpenSSL 1.1.1 holds a certificate whose keyUsage lacks keyCertSign for not
   * self-signed (v3_purp.c:x509v3_cache_extensions) and so trusts it for nothing, itself included;
   * and keyCertSign is for authorities only (RFC 5280 §4.2.1.9).
   */
  static X509Certificate signSelf(
      SigningKey self, X500Name subject, SubjectAltNames names, PublicKey key, Validity validity) {
    return builder(self, subject, names, key, validity).sign();
  }

  private static CertificateBuilder builder(
      SigningKey issuer,
      X500Name subject,
      SubjectAltNames names,
      PublicKey key,
      Validity validity) {
    boolean unnamed = subject.getRDNs().length == 0;
    return new CertificateBuilder(issuer, subject, key, validity)
        .with(Extension.basicConstraints, true, new BasicConstraints(false))
        .with(
            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_serverAuth))
        .with(Extension.subjectAlternativeName, unnamed, names.toGeneralNames());
  }

  /** keyEncipherment is for the RSA key exchange of TLS 1.2; no other key can do it. */
  static KeyUsage keyUsage(PublicKey key) {
    boolean rsa = SubjectKey.of(key).algorithm() == SubjectKey.Algorithm.RSA;
    return new KeyUsage(
        rsa ? KeyUsage.digitalSignature | KeyUsage.keyEncipherment : KeyUsage.digitalSignature);
  }
}
