package dev.pgseal.tls;

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
 * @param subjectNames subjectAltNames
 * @param pem the certificate and what chains it, leaf first
 */
public record CertificateRecord(
    UUID id,
    @Nullable String authority,
    @Nullable UUID serverId,
    String serial,
    String fingerprint,
    List<String> subjectNames,
    Instant notBefore,
    Instant notAfter,
    String pem,
    Instant createdAt) {

  public CertificateRecord {
    subjectNames = List.copyOf(subjectNames);
  }
}
