package dev.pgseal.tls;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Which servers take client certificates of which authority. */
public interface ClientTrustStore {

  /**
   * @param listsSha256 of the CRL file last proved to be loaded there, null when there is none
   * @param attemptedAt the last attempt to bring a CRL there
   */
  record ClientTrust(
      UUID serverId,
      String authority,
      @Nullable String listsSha256,
      @Nullable Instant attemptedAt) {}

  void set(UUID serverId, String authority);

  void remove(UUID serverId);

  Optional<ClientTrust> find(UUID serverId);

  List<ClientTrust> ofAuthority(String authority);

  List<ClientTrust> list();

  /** The CRL file with this hash was proved to be loaded; null when there is none. */
  void proved(UUID serverId, @Nullable String listsSha256);

  void attempted(UUID serverId, Instant at);
}
