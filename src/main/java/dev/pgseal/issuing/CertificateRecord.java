package dev.pgseal.issuing;

import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.certificate.RevocationReason;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A certificate that pgseal issued or installed; never its key.
 *
 * @param authority the issuing authority's name, null when self-signed or provided
 * @param serverId the server it was made for, null when for none or when that was deleted
 * @param serial lower-case hex
 * @param fingerprint SHA-256 of the DER, lower-case hex
 * @param subject RFC 2253; empty for certificates recorded by the first release
 * @param subjectNames subjectAltNames
 * @param pem the certificate and what chains it, leaf first
 * @param requestedBy who asked for it; null when it came with an installation
 * @param revokedAt null when it is not revoked
 */
public record CertificateRecord(
    UUID id,
    CertificatePurpose purpose,
    @Nullable String authority,
    @Nullable UUID serverId,
    String serial,
    String fingerprint,
    String subject,
    List<String> subjectNames,
    Instant notBefore,
    Instant notAfter,
    String pem,
    @Nullable String requestedBy,
    @Nullable Instant revokedAt,
    @Nullable RevocationReason revocationReason,
    Instant createdAt) {

  public CertificateRecord {
    subjectNames = List.copyOf(subjectNames);
  }

  /** A new record of a certificate that is not revoked. */
  public static CertificateRecord of(
      CertificatePurpose purpose,
      @Nullable String authority,
      @Nullable UUID serverId,
      CertificateDescription certificate,
      String chainPem,
      @Nullable String requestedBy,
      Instant createdAt) {
    return new CertificateRecord(
        UUID.randomUUID(),
        purpose,
        authority,
        serverId,
        certificate.serialNumber(),
        certificate.fingerprint(),
        certificate.subject(),
        certificate.names(),
        certificate.notBefore(),
        certificate.notAfter(),
        chainPem,
        requestedBy,
        null,
        null,
        createdAt);
  }

  public CertificateStatus status(Instant now) {
    if (revokedAt != null) {
      return CertificateStatus.REVOKED;
    }
    return now.isAfter(notAfter) ? CertificateStatus.EXPIRED : CertificateStatus.ISSUED;
  }
}
