package dev.pgseal.bench;

import dev.pgseal.certificate.KeyMaterial;
import dev.pgseal.certificate.KeyType;
import java.io.IOException;
import java.io.StringWriter;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** What both contenders get to sign. */
final class Csr {

  private Csr() {}

  /** PEM for a new ECDSA P-256 key. */
  static String pem() throws OperatorCreationException, IOException {
    KeyMaterial key = KeyType.ECDSA_P256.generate();
    StringWriter text = new StringWriter();
    try (JcaPEMWriter pem = new JcaPEMWriter(text)) {
      pem.writeObject(
          new JcaPKCS10CertificationRequestBuilder(
                  new X500Name("CN=" + Names.ENDPOINTS.get(0)), key.publicKey())
              .build(new JcaContentSignerBuilder("SHA256withECDSA").build(key.privateKey())));
    }
    return text.toString();
  }
}
