package dev.pgseal.tls;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * One version of a server's pg_hba.conf, and what it includes, as pgseal wrote or found it; the
 * content is read apart.
 *
 * @param number 1-based, without gaps within a server
 * @param author the caller, or {@code pgseal} for a version that it found
 * @param sha256 see {@link HbaTree#tag}
 * @param edits of a conversion; plain JSON
 * @param files paths of those that differ from the version before
 * @param restores number of the version that came back; null when none did
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
    List<Map<String, Object>> edits,
    List<String> files,
    @Nullable Integer restores) {

  /** What made it. */
  @Schema(name = "HbaRevisionKind")
  public enum Kind {
    /** A replaced file, or single rules. */
    CHANGED,
    /** A conversion to TLS only. */
    ENFORCED,
    /** A conversion back. */
    RELAXED,
    /** The version before the previous one came back. */
    UNDONE,
    /** An earlier version came back, because somebody asked for it. */
    RESTORED,
    /** Somebody else's work, noticed by pgseal. */
    FOUND
  }

  public HbaRevision {
    edits = List.copyOf(edits);
    files = List.copyOf(files);
  }

  /** Whether edits begin or cease to stand with it, or it takes back one of which they do. */
  boolean isConversion() {
    return kind == Kind.ENFORCED || kind == Kind.RELAXED || kind == Kind.UNDONE;
  }
}
