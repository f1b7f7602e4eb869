package dev.pgseal.certificate;

import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.CertException;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentVerifierProviderBuilder;

/**
 * Whether each certificate of a chain was issued by the next one, in name and by its signature. A
 * TLS server sends its chain file as it lies there, and TLS 1.2 clients may insist on the order
 * (RFC 5246 §7.4.2).
 */
final class ChainOrder {

  /** Every signature costs; no path in the field is half as long. */
  static final int MAX_LENGTH = 10;

  private ChainOrder() {}

  /** One sentence for each link that does not hold, with positions from 1. */
  static List<String> faults(List<X509Certificate> chain) {
    if (chain.size() > MAX_LENGTH) {
      return List.of(
          "The chain has %d certificates, at most %d are accepted"
              .formatted(chain.size(), MAX_LENGTH));
    }
    List<String> faults = new ArrayList<>();
    for (int i = 0; i + 1 < chain.size(); i++) {
      if (!isIssuedBy(chain.get(i), chain.get(i + 1))) {
        faults.add(fault(chain, i));
      }
    }
    return faults;
  }

  static void requireOrdered(List<X509Certificate> chain) {
    List<String> faults = faults(chain);
    if (!faults.isEmpty()) {
      throw CertificateProblems.invalid(faults.get(0))
          .hint("Each certificate is followed by the one that issued it.");
    }
  }

  static boolean isSelfIssued(X509Certificate certificate) {
    return certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
  }

  static boolean isIssuedBy(X509Certificate certificate, X509Certificate issuer) {
    if (!certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal())
        || SubjectKey.of(issuer).weakness() != null) {
      return false;
    }
    try {
      return new X509CertificateHolder(Pem.der(certificate))
          .isSignatureValid(
              new JcaContentVerifierProviderBuilder()
                  .setProvider(BouncyCastle.PROVIDER)
                  .build(SubjectPublicKeyInfo.getInstance(issuer.getPublicKey().getEncoded())));
    } catch (IOException | CertException | OperatorCreationException | RuntimeException e) {
      return false; // a signature that cannot even be tried does not hold
    }
  }

  /** The leaf and, out of a heap of certificates, those that issued it one after the other. */
  static List<X509Certificate> pathFrom(X509Certificate leaf, List<X509Certificate> heap) {
    List<X509Certificate> path = new ArrayList<>(List.of(leaf));
    X509Certificate last = leaf;
    while (path.size() < MAX_LENGTH && !isSelfIssued(last)) {
      X509Certificate below = last;
      Optional<X509Certificate> issuer =
          heap.stream()
              .filter(candidate -> !path.contains(candidate) && isIssuedBy(below, candidate))
              .findFirst();
      if (issuer.isEmpty()) {
        break;
      }
      last = issuer.get();
      path.add(last);
    }
    return List.copyOf(path);
  }

  private static String fault(List<X509Certificate> chain, int index) {
    X509Certificate certificate = chain.get(index);
    String sentence =
        "Certificate %d (%s) was not issued by certificate %d (%s)"
            .formatted(
                index + 1,
                certificate.getSubjectX500Principal(),
                index + 2,
                chain.get(index + 1).getSubjectX500Principal());
    for (int i = 0; i < chain.size(); i++) {
      if (i != index && isIssuedBy(certificate, chain.get(i))) {
        return sentence + ", but by certificate " + (i + 1);
      }
    }
    return sentence
        + "; its issuer "
        + certificate.getIssuerX500Principal()
        + " is not in the chain";
  }
}
