package dev.pgseal.posture;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Where is kept what the last scan of each server saw. */
public interface PostureStore {

  /** Why a scan was not kept, or {@code KEPT}. */
  enum Outcome {
    KEPT,
    /** Another replica has taken the scan over, or the server was forgotten. */
    LOST,
    /** An operation changed the server meanwhile: what was seen may be half of it. */
    CHANGED_MEANWHILE
  }

  /**
   * One scan of a server at a time, over all replicas.
   *
   * @param lease after which another may take it
   * @return empty while somebody else is at it
   */
  Optional<UUID> claim(UUID serverId, Duration lease);

  void release(UUID serverId, UUID claim);

  /** The operation that is changing the server now, in words. */
  Optional<String> busy(UUID serverId);

  Proved proved(UUID serverId);

  /**
   * Keeps what was seen, gives the claim back and, when the grade is another, puts the news of it
   * into the outbox of every webhook that wants it: all in one transaction.
   */
  Outcome save(UUID serverId, UUID claim, PostureScan.Scanned scanned);

  Optional<Posture> find(UUID serverId);

  /** In the order of their names, after {@code afterName}; servers never scanned are there too. */
  List<ServerPosture> list(PostureQuery query, @Nullable String afterName, int limit);

  /** How many of the servers have which grade. */
  Map<Grade, Integer> summary(PostureQuery query);

  /** Servers that could not be looked at in the last scan. */
  Set<UUID> silent();
}
