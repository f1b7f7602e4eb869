package dev.pgseal.certificate;

import java.io.IOException;
import java.math.BigInteger;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.Date;
import org.bouncycastle.asn1.ASN1Encodable;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AuthorityKeyIdentifier;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.SubjectKeyIdentifier;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.CertIOException;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.bc.BcX509ExtensionUtils;

/**
 * One certificate on its way: version 3, a random serial number of 128 bits (RFC 5280 §4.1.2.2
 * allows up to 20 octets), SKI and AKI always there.
 */
final class CertificateBuilder {

  private static final int SERIAL_BITS = 128;

  private final X509v3CertificateBuilder certificate;
  private final SigningKey issuer;

  CertificateBuilder(SigningKey issuer, X500Name subject, PublicKey key, Validity validity) {
    SubjectPublicKeyInfo info = KeyMaterial.info(key);
    this.issuer = issuer;
    this.certificate =
        new X509v3CertificateBuilder(
            issuer.name(),
            serialNumber(),
            Date.from(validity.notBefore()),
            Date.from(validity.notAfter()),
            subject,
            info);
    with(Extension.subjectKeyIdentifier, false, subjectKeyIdentifier(key));
    with(Extension.authorityKeyIdentifier, false, issuer.identifier());
  }

  CertificateBuilder with(ASN1ObjectIdentifier extension, boolean critical, ASN1Encodable value) {
    try {
      certificate.addExtension(extension, critical, value);
    } catch (CertIOException e) {
      throw new IllegalStateException("An extension cannot be encoded: " + extension, e);
    }
    return this;
  }

  X509Certificate sign() {
    try {
      return Pem.certificate(
          certificate.build(issuer.signer()).getEncoded(), "the new certificate");
    } catch (IOException e) {
      throw new IllegalStateException("A certificate cannot be encoded", e);
    }
  }

  /** Method 1 of RFC 5280 §4.2.1.2: SHA-1 of the key's bits, an identifier and not a safeguard. */
  static SubjectKeyIdentifier subjectKeyIdentifier(PublicKey key) {
    // one of its own: the digest in it is not for two threads
    return new BcX509ExtensionUtils().createSubjectKeyIdentifier(KeyMaterial.info(key));
  }

  static AuthorityKeyIdentifier authorityKeyIdentifier(PublicKey key) {
    return new AuthorityKeyIdentifier(subjectKeyIdentifier(key).getKeyIdentifier());
  }

  private static BigInteger serialNumber() {
    BigInteger serial = new BigInteger(SERIAL_BITS, BouncyCastle.RANDOM);
    return serial.signum() == 0 ? serialNumber() : serial;
  }
}
