package dev.pgseal.certificate;

import java.io.IOException;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.Extensions;
import org.bouncycastle.asn1.x509.ExtensionsGenerator;
import org.bouncycastle.pkcs.PKCS10CertificationRequestBuilder;

/** Makes certification requests (PKCS#10, RFC 2986) for keys that are here. */
final class SigningRequestBuilder {

  private SigningRequestBuilder() {}

  /** Without a subject: an ACME CA takes the names from the subjectAltName alone. */
  static byte[] server(KeyMaterial key, SubjectAltNames names) {
    try {
      ExtensionsGenerator extensions = new ExtensionsGenerator();
      extensions.addExtension(Extension.subjectAlternativeName, true, names.toGeneralNames());
      return sign(key, DistinguishedName.EMPTY, extensions.generate());
    } catch (IOException e) {
      throw new IllegalStateException("A subjectAltName cannot be encoded", e);
    }
  }

  static byte[] sign(KeyMaterial key, X500Name subject, Extensions extensions) {
    try {
      return new PKCS10CertificationRequestBuilder(subject, KeyMaterial.info(key.publicKey()))
          .addAttribute(PKCSObjectIdentifiers.pkcs_9_at_extensionRequest, extensions)
          .build(SigningKey.signer(key.privateKey(), SigningKey.algorithm(key.publicKey())))
          .getEncoded();
    } catch (IOException e) {
      throw new IllegalStateException("A certification request cannot be encoded", e);
    }
  }
}
