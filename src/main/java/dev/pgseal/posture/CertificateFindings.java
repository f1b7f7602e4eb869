package dev.pgseal.posture;

import dev.pgseal.certificate.CertificateStrength;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** What is wrong with the certificate that is served. */
final class CertificateFindings {

  private static final String RENEW = "POST /v1/servers/{server}/certificates:renew";
  private static final String REPLACE = "Install another: POST /v1/servers/{server}/certificates";

  private CertificateFindings() {}

  static List<PostureFinding> of(Observation seen) {
    X509Certificate leaf = seen.leaf();
    if (leaf == null) {
      return List.of();
    }
    List<PostureFinding> findings = new ArrayList<>();
    validity(leaf, seen, findings);
    if (!seen.uncovered().isEmpty()) {
      findings.add(
          PostureFinding.of(
              FindingCode.CERTIFICATE_NAMES,
              "It does not name "
                  + String.join(", ", seen.uncovered())
                  + ": clients with verify-full are refused there",
              REPLACE));
    }
    if (seen.keyElsewhere()) {
      findings.add(
          PostureFinding.of(
              FindingCode.KEY_SHARED,
              "Its private key is that of another server too: a base backup copies it",
              REPLACE));
    }
    CertificateStrength.keyWeakness(leaf)
        .ifPresent(
            why -> findings.add(PostureFinding.of(FindingCode.CERTIFICATE_WEAK_KEY, why, REPLACE)));
    CertificateStrength.signatureWeakness(leaf)
        .ifPresent(
            why ->
                findings.add(
                    PostureFinding.of(FindingCode.CERTIFICATE_WEAK_SIGNATURE, why, REPLACE)));
    return findings;
  }

  private static void validity(
      X509Certificate leaf, Observation seen, List<PostureFinding> findings) {
    Instant notBefore = leaf.getNotBefore().toInstant();
    Instant notAfter = leaf.getNotAfter().toInstant();
    if (seen.now().isAfter(notAfter)) {
      findings.add(
          PostureFinding.of(
              FindingCode.CERTIFICATE_EXPIRED, "It has expired at " + notAfter, RENEW));
    } else if (seen.now().isBefore(notBefore)) {
      findings.add(
          PostureFinding.of(
              FindingCode.CERTIFICATE_NOT_YET_VALID,
              "It is not valid before " + notBefore,
              "Compare the clocks of pgseal and the server; else install another"));
    } else if (Duration.between(seen.now(), notAfter)
            .compareTo(soon(Duration.between(notBefore, notAfter), seen.expiresSoon()))
        < 0) {
      findings.add(
          PostureFinding.of(
              FindingCode.CERTIFICATE_EXPIRES_SOON, "It expires at " + notAfter, RENEW));
    }
  }

  /** Certificates of a short life are renewed when less than this is left. */
  private static Duration soon(Duration life, Duration most) {
    Duration tenth = life.dividedBy(10);
    return tenth.compareTo(most) < 0 ? tenth : most;
  }
}
