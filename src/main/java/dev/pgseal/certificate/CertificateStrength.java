package dev.pgseal.certificate;

import java.security.cert.X509Certificate;
import java.util.Optional;

/** Whether a certificate that somebody else may have made is good enough. */
public final class CertificateStrength {

  private CertificateStrength() {}

  /** Why its key is too weak, in words; empty when it is good. */
  public static Optional<String> keyWeakness(X509Certificate certificate) {
    return Optional.ofNullable(SubjectKey.of(certificate).weakness());
  }

  /** Why its signature is too weak, in words; that of a self-signed one too, as it is pinned. */
  public static Optional<String> signatureWeakness(X509Certificate certificate) {
    String algorithm = certificate.getSigAlgName();
    return switch (SignatureKind.of(certificate)) {
      case BROKEN -> Optional.of(algorithm + " can be forged");
      case UNSUPPORTED -> Optional.of("clients are not known to support " + algorithm);
      case BINDABLE, WITHOUT_CHANNEL_BINDING -> Optional.empty();
    };
  }
}
