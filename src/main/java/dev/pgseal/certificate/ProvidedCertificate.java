package dev.pgseal.certificate;

import dev.pgseal.problem.PgsealException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A server certificate that somebody else issued, checked before PostgreSQL sees it: a reload with
 * a bad one is silent, and an expired one is loaded without a word
 * (be-secure-openssl.c:be_tls_init).
 *
 * @param chain leaf first, each followed by its issuer
 * @param key the leaf's
 * @param warnings what does not stand in the way, accepted faults among them
 */
public record ProvidedCertificate(
    List<X509Certificate> chain, KeyMaterial key, List<Finding> warnings) {

  public ProvidedCertificate {
    chain = List.copyOf(chain);
    warnings = List.copyOf(warnings);
  }

  /**
   * Reads and checks everything, and refuses with all that was found.
   *
   * @param chainPem leaf first, then its intermediates; the root may follow
   * @param keyPem PKCS#8, PKCS#1 or SEC1
   * @param passphrase of an encrypted key
   * @param endpoints names and addresses that clients use
   * @throws PgsealException {@code CERTIFICATE_INVALID}; its member {@code findings} lists every
   *     {@link Finding}
   */
  public static ProvidedCertificate check(
      String chainPem,
      String keyPem,
      char @Nullable [] passphrase,
      List<String> endpoints,
      Set<Acceptance> accepted,
      Clock clock) {
    List<X509Certificate> chain = Pem.certificates(chainPem);
    KeyMaterial key = Pem.privateKey(keyPem, passphrase);
    List<Finding> findings =
        new ProvidedCertificateCheck(chain, key.publicKey(), accepted, clock).run(endpoints);
    List<Finding> errors =
        findings.stream().filter(f -> f.severity() == Finding.Severity.ERROR).toList();
    if (!errors.isEmpty()) {
      throw CertificateProblems.invalid(errors.get(0).message())
          .hint(errors.get(0).hint())
          .with("findings", findings);
    }
    return new ProvidedCertificate(chain, key, findings);
  }

  public X509Certificate leaf() {
    return chain.get(0);
  }

  /** The content of {@code ssl_cert_file}: LF, no byte order mark, leaf first, nothing else. */
  public String chainPem() {
    return Pem.encode(chain);
  }

  public CertificateDescription describe() {
    return CertificateDescription.of(leaf());
  }
}
