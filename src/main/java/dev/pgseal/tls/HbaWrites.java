package dev.pgseal.tls;

import java.util.Optional;
import java.util.UUID;

/** The changes of rules that have begun; at most one for a server. Contents are sealed. */
public interface HbaWrites {

  void begin(HbaWrite write);

  Optional<HbaWrite> find(UUID serverId);

  /** It has ended; so does {@link HbaRevisionStore#append} say, in the same transaction. */
  void forget(UUID serverId);
}
