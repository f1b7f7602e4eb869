package dev.pgseal.certificate;

import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A certificate just signed, with what a server needs beside its key.
 *
 * @param leaf the certificate itself
 * @param chain leaf first, then intermediates; the root is left out, since clients hold it already
 *     and the server sends exactly this
 * @param warnings what came out otherwise than asked, or what clients may trip over
 */
public record IssuedCertificate(
    X509Certificate leaf, List<X509Certificate> chain, List<Finding> warnings) {

  public IssuedCertificate {
    chain = List.copyOf(chain);
    warnings = List.copyOf(warnings);
  }

  /** The content of {@code ssl_cert_file}. */
  public String chainPem() {
    return Pem.encode(chain);
  }

  public CertificateDescription describe() {
    return CertificateDescription.of(leaf);
  }
}
