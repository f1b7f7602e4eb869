package dev.pgseal.certificate;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;

/**
 * A certificate just signed, with what a server needs beside its key.
 *
 * @param leaf the certificate itself
 * @param chain leaf first, then intermediates; the root is left out, since clients hold it already
 *     and the server sends exactly this
 * @param warnings sentences about what came out otherwise than asked, such as a shorter validity
 */
public record IssuedCertificate(
    X509Certificate leaf, List<X509Certificate> chain, List<String> warnings) {

  public IssuedCertificate {
    chain = List.copyOf(chain);
    warnings = List.copyOf(warnings);
  }

  IssuedCertificate withWarning(String warning) {
    List<String> more = new ArrayList<>(warnings);
    more.add(warning);
    return new IssuedCertificate(leaf, chain, more);
  }

  /** The content of {@code ssl_cert_file}. */
  public String chainPem() {
    return Pem.encode(chain);
  }

  public CertificateDescription describe() {
    return CertificateDescription.of(leaf);
  }
}
