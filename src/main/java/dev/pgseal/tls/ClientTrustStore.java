package dev.pgseal.tls;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Which servers take client certificates of which authority. */
public interface ClientTrustStore {

  /**
   * @param listNumber of the CRL last proved to be loaded there, 0 when there is none
   */
  record ClientTrust(UUID serverId, String authority, long listNumber) {}

  void set(UUID serverId, String authority);

  void remove(UUID serverId);

  Optional<ClientTrust> find(UUID serverId);

  List<ClientTrust> ofAuthority(String authority);

  /** The list with this number was proved to be loaded. */
  void proved(UUID serverId, long listNumber);
}
