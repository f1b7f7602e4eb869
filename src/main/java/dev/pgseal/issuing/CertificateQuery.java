package dev.pgseal.issuing;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which certificates to list; null for any.
 *
 * @param serverId those made for that server or put onto it
 * @param expiringBefore those whose notAfter is before it
 */
public record CertificateQuery(
    @Nullable String authority, @Nullable UUID serverId, @Nullable Instant expiringBefore) {

  public static final CertificateQuery ALL = new CertificateQuery(null, null, null);

  public static CertificateQuery ofServer(UUID serverId) {
    return new CertificateQuery(null, serverId, null);
  }
}
