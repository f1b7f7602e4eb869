package dev.pgseal.certificate;

import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** notBefore and notAfter, in whole seconds as certificates hold them. */
record Validity(Instant notBefore, Instant notAfter) {

  /** Clients whose clock is behind by up to this accept a certificate at once. */
  static final Duration BACKDATED = Duration.ofMinutes(5);

  /** Keeps every date inside what GeneralizedTime and an {@link Instant} sum can hold. */
  private static final Duration LONGEST = Duration.ofDays(36525);

  static Validity startingNow(Clock clock, Duration length) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.SECONDS);
    return new Validity(now.minus(BACKDATED), now.plus(length));
  }

  /** Cut to the issuer's own dates: a path is valid only while all of it is. */
  Validity within(X509Certificate issuer) {
    Instant from = issuer.getNotBefore().toInstant();
    Instant to = issuer.getNotAfter().toInstant();
    return new Validity(
        notBefore.isBefore(from) ? from : notBefore, notAfter.isAfter(to) ? to : notAfter);
  }

  static void requireAtLeast(Duration validity, Duration least) {
    if (validity.compareTo(least) < 0 || validity.compareTo(LONGEST) > 0) {
      throw CertificateProblems.malformed(
          "The validity must be between " + least + " and " + LONGEST + ", not " + validity);
    }
  }
}
