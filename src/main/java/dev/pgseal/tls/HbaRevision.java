package dev.pgseal.tls;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/**
 * One version of a server's pg_hba.conf as pgseal wrote or found it; its content is read apart.
 *
 * @param number 1-based, without gaps within a server
 * @param author the caller, or {@code pgseal} for a version that it found
 * @param sha256 of the content, lower-case hex
 * @param edits what was changed since the version before; plain JSON
 */
public record HbaRevision(
    UUID id,
    UUID serverId,
    int number,
    String author,
    Instant createdAt,
    String sha256,
    Kind kind,
    String summary,
    List<Map<String, Object>> edits) {

  /** What made it. */
  public enum Kind {
    /** A replaced file, or single rules. */
    CHANGED,
    /** A conversion to TLS only. */
    ENFORCED,
    /** A conversion back. */
    RELAXED,
    /** The version before the previous one came back. */
    UNDONE
  }

  public HbaRevision {
    edits = List.copyOf(edits);
  }
}
