package dev.pgseal.tls;

import dev.pgseal.hba.HbaEdit;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a revision says besides its content.
 *
 * @param author the caller, or {@code pgseal} for a version that it found
 * @param edits of a conversion, so that it can be converted back
 * @param restores the number of the revision that came back
 */
public record HbaNote(
    HbaRevision.Kind kind,
    String author,
    String summary,
    List<HbaEdit> edits,
    @Nullable Integer restores) {

  public HbaNote {
    edits = List.copyOf(edits);
  }

  static HbaNote changed(String author, String summary) {
    return new HbaNote(HbaRevision.Kind.CHANGED, author, summary, List.of(), null);
  }

  /** A conversion to TLS only. */
  public static HbaNote enforced(String author, List<HbaEdit> edits) {
    return new HbaNote(HbaRevision.Kind.ENFORCED, author, "converted to TLS only", edits, null);
  }

  /** A conversion back. */
  public static HbaNote relaxed(String author) {
    return new HbaNote(HbaRevision.Kind.RELAXED, author, "converted back", List.of(), null);
  }

  static HbaNote restored(String author, int number) {
    return new HbaNote(
        HbaRevision.Kind.RESTORED, author, "restored revision " + number, List.of(), number);
  }

  static HbaNote found(boolean first) {
    return new HbaNote(
        HbaRevision.Kind.FOUND,
        "pgseal",
        first ? "as pgseal found it first" : "changed outside pgseal",
        List.of(),
        null);
  }

  HbaNote afterInterruption() {
    return new HbaNote(kind, author, summary + ", recorded after an interruption", edits, restores);
  }
}
