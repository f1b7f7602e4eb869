package dev.pgseal.certificate;

import java.math.BigInteger;
import java.time.Instant;

/** One entry of a CRL. */
public record RevokedCertificate(
    BigInteger serialNumber, Instant revokedAt, RevocationReason reason) {}
