package dev.pgseal.tls;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The history of the servers' pg_hba.conf; the contents are sealed, they may hold secrets. */
public interface HbaRevisionStore {

  /** Adds the next version of the server. */
  HbaRevision append(
      UUID serverId,
      String author,
      byte[] content,
      HbaRevision.Kind kind,
      String summary,
      List<Map<String, Object>> edits);

  /** Newest first, with numbers below {@code beforeNumber}. */
  List<HbaRevision> list(UUID serverId, @Nullable Integer beforeNumber, int limit);

  Optional<HbaRevision> find(UUID serverId, int number);

  /** The whole file of that version. */
  byte[] content(HbaRevision revision);
}
