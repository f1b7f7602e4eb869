package dev.pgseal.certificate;

import java.security.PublicKey;
import java.security.cert.X509Certificate;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;

/** The profile of a client certificate: clientAuth, and a CN that is the role. */
final class ClientProfile {

  private ClientProfile() {}

  static X509Certificate sign(
      SigningKey issuer, String commonName, PublicKey key, Validity validity) {
    return new CertificateBuilder(issuer, DistinguishedName.commonName(commonName), key, validity)
        .with(Extension.basicConstraints, true, new BasicConstraints(false))
        .with(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
        .with(
            Extension.extendedKeyUsage, false, new ExtendedKeyUsage(KeyPurposeId.id_kp_clientAuth))
        .sign();
  }
}
