package dev.pgseal.tls;

import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A change of rules that has begun and of which it is not known how it ended, as long as this is
 * kept: from before the first file is written until its revision is there, or all is as it was.
 *
 * @param main path of pg_hba.conf
 * @param note of the revision that is then written; null when none is
 */
public record HbaWrite(
    UUID id,
    UUID serverId,
    Instant recordedAt,
    String main,
    List<Part> parts,
    @Nullable HbaNote note) {

  /**
   * One file.
   *
   * @param before its content before; may hold secrets
   * @param after SHA-256 of its content after
   * @param afterPlain the same without pgseal's sentinel line
   */
  public record Part(String path, byte[] before, String after, String afterPlain) {

    boolean isAfter(String sha256) {
      return sha256.equals(after) || sha256.equals(afterPlain);
    }

    /** Leaves the content out. */
    @Override
    public String toString() {
      return path;
    }
  }

  public HbaWrite {
    parts = List.copyOf(parts);
  }
}
