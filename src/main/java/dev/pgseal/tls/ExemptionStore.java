package dev.pgseal.tls;

import java.util.Set;
import java.util.UUID;

/**
 * What plaintext the last conversion of a server to TLS only was asked to spare. Without it nobody
 * could tell an exception that was asked for from a hole.
 */
public interface ExemptionStore {

  /** Empty when nothing was to be spared, or nothing was converted. */
  Set<Exemption> of(UUID serverId);

  void set(UUID serverId, Set<Exemption> exemptions);
}
