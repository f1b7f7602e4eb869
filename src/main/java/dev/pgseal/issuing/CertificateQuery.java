package dev.pgseal.issuing;

import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which certificates to list; null or empty for any.
 *
 * @param serverId those made for that server or put onto it
 * @param expiringBefore those whose notAfter is before it
 * @param serverLabels those made for, or put onto, some server that has all of these labels
 */
public record CertificateQuery(
    @Nullable String authority,
    @Nullable UUID serverId,
    @Nullable Instant expiringBefore,
    Map<String, String> serverLabels) {

  public static final CertificateQuery ALL = new CertificateQuery(null, null, null, Map.of());

  public static CertificateQuery ofServer(UUID serverId) {
    return new CertificateQuery(null, serverId, null, Map.of());
  }
}
