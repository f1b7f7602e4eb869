package dev.pgseal.api;

import dev.pgseal.issuing.CertificateInstallation;
import dev.pgseal.issuing.CertificatePurpose;
import dev.pgseal.issuing.CertificateRecord;
import dev.pgseal.issuing.CertificateStatus;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A certificate that pgseal issued or installed. */
@Schema(name = "Certificate")
public record CertificateView(
    UUID id,
    CertificatePurpose purpose,
    CertificateStatus status,
    @Schema(description = "who issued it; absent when self-signed or provided", examples = "corp")
        @Nullable String authority,
    @Schema(description = "lower-case hex") String serialNumber,
    @Schema(description = "SHA-256 of the DER, lower-case hex") String fingerprint,
    @Schema(description = "RFC 2253", examples = "CN=db1.example.com") String subject,
    @Schema(description = "subjectAltNames", examples = "[\"db1.example.com\"]") List<String> names,
    Instant notBefore,
    Instant notAfter,
    @Schema(description = "where pgseal put it, as far as it was not replaced since")
        List<Installation> installedOn,
    @Schema(description = "who asked for it; absent when it came with an installation")
        @Nullable String requestedBy,
    @Nullable Instant revokedAt,
    @Nullable String revocationReason,
    Instant createdAt) {

  /** On a server. */
  @Schema(name = "CertificateInstallation")
  public record Installation(
      @Schema(examples = "db1") String server,
      @Schema(description = "absolute path on the server") String directory,
      Instant installedAt,
      @Schema(
              description =
                  "whether the server showed this certificate in the last handshake; absent when none was seen")
          @Nullable Boolean served,
      @Schema(description = "when that handshake was") @Nullable Instant observedAt) {

    static Installation of(CertificateInstallation installation) {
      return new Installation(
          installation.server(),
          installation.directory(),
          installation.installedAt(),
          installation.served(),
          installation.observedAt());
    }
  }

  static CertificateView of(
      CertificateRecord certificate, List<CertificateInstallation> installations, Instant now) {
    return new CertificateView(
        certificate.id(),
        certificate.purpose(),
        certificate.status(now),
        certificate.authority(),
        certificate.serial(),
        certificate.fingerprint(),
        certificate.subject(),
        certificate.subjectNames(),
        certificate.notBefore(),
        certificate.notAfter(),
        installations.stream()
            .filter(i -> i.certificateId().equals(certificate.id()))
            .map(Installation::of)
            .toList(),
        certificate.requestedBy(),
        certificate.revokedAt(),
        certificate.revocationReason() == null ? null : certificate.revocationReason().name(),
        certificate.createdAt());
  }

  /** A page of certificates. */
  @Schema(name = "CertificatePage")
  public record CertificatePage(
      List<CertificateView> certificates, @Nullable String nextPageToken) {}
}
