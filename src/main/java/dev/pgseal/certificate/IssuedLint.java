package dev.pgseal.certificate;

import dev.pgseal.certificate.Finding.Code;
import dev.pgseal.certificate.Finding.Severity;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What clients may trip over in a certificate just issued; nothing that stands in the way. */
public final class IssuedLint {

  private IssuedLint() {}

  /**
   * @param endpoints names and addresses that the certificate was asked for
   */
  public static List<Finding> server(X509Certificate leaf, List<String> endpoints) {
    List<Finding> findings = new ArrayList<>(key(leaf));
    findings.addAll(names(SubjectAltNames.of(leaf), endpoints));
    return findings;
  }

  static List<Finding> names(SubjectAltNames names, List<String> endpoints) {
    List<Finding> findings = new ArrayList<>();
    for (String endpoint : endpoints) {
      if (!names.covers(endpoint)) {
        findings.add(
            warning(
                Code.NAME_MISMATCH,
                "The certificate does not name " + endpoint,
                "The issuer left it out: sslmode=verify-full fails there."));
      } else if (!names.coversForLibpq14(endpoint)) {
        findings.add(
            warning(
                Code.NAME_MISMATCH_OLD_CLIENTS,
                "libpq up to PostgreSQL 14 does not find %s in the certificate".formatted(endpoint),
                "It looks at dNSName only, which cannot hold this address here: such clients"
                    + " connect by name."));
      }
    }
    return findings;
  }

  /**
   * In TLS 1.2 OpenSSL wants the curve of a client's key among the server's own
   * (t1_lib.c:tls12_check_peer_sigalg, {@code wrong curve}), and {@code ssl_ecdh_curve} names P-256
   * alone unless somebody changed it.
   */
  static List<Finding> client(X509Certificate leaf) {
    List<Finding> findings = new ArrayList<>(key(leaf));
    SubjectKey key = SubjectKey.of(leaf);
    if (key.algorithm() == SubjectKey.Algorithm.EC && !key.description().equals("EC P-256")) {
      findings.add(
          warning(
              Code.KEY_NOT_SUPPORTED_EVERYWHERE,
              "PostgreSQL refuses an %s key of a client that speaks TLS 1.2"
                  .formatted(key.description()),
              "ECDSA P-256 works everywhere; else add the curve to the server's ssl_ecdh_curve"
                  + " (ssl_groups since PostgreSQL 18), or let clients speak TLS 1.3."));
    }
    return findings;
  }

  static Finding shortened(Instant notAfter) {
    return warning(
        Code.VALID_SHORTER,
        "Valid until %s only, when the authority expires".formatted(notAfter),
        "Replace the authority in time: nothing below it is valid after that.");
  }

  static Finding decidedOutside(Instant notAfter) {
    return warning(
        Code.VALID_SHORTER,
        "Valid until %s only, as the CA decided".formatted(notAfter),
        "A CA outside decides about the validity itself: have it renewed in time.");
  }

  private static List<Finding> key(X509Certificate leaf) {
    List<Finding> findings = new ArrayList<>();
    if (SignatureKind.of(leaf) == SignatureKind.WITHOUT_CHANNEL_BINDING) {
      findings.add(
          warning(
              Code.SIGNATURE_WITHOUT_CHANNEL_BINDING,
              ("The certificate is signed with %s: SCRAM channel binding takes its hash from the"
                      + " signature algorithm, and clients fail or go without it")
                  .formatted(leaf.getSigAlgName()),
              SignatureRules.CURE));
    }
    if (SubjectKey.of(leaf).algorithm() == SubjectKey.Algorithm.EDDSA) {
      findings.add(
          warning(
              Code.KEY_NOT_SUPPORTED_EVERYWHERE,
              "Ed25519 and Ed448 keys are unknown to Java before 15 and to .NET",
              "ECDSA P-256 works everywhere."));
    }
    return findings;
  }

  static Finding warning(Code code, String message, String hint) {
    return new Finding(Severity.WARNING, code, message, hint);
  }
}
