package dev.pgseal.certificate;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;

/** Whether a certificate is valid at this moment. */
final class CertificateDates {

  private CertificateDates() {}

  /** What is wrong with the dates now, as a predicate to put after the certificate's name. */
  static Optional<String> fault(X509Certificate certificate, Clock clock) {
    Instant now = clock.instant();
    Instant from = certificate.getNotBefore().toInstant();
    Instant to = certificate.getNotAfter().toInstant();
    if (now.isBefore(from)) {
      return Optional.of("is not valid before " + from);
    }
    return now.isAfter(to) ? Optional.of("expired at " + to) : Optional.empty();
  }

  static void requireValid(X509Certificate certificate, String which, Clock clock) {
    fault(certificate, clock)
        .ifPresent(
            fault -> {
              throw CertificateProblems.invalid(which + " " + fault);
            });
  }
}
