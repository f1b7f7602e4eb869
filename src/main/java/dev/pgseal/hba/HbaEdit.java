package dev.pgseal.hba;

import org.jspecify.annotations.Nullable;

/**
 * One change that a conversion made; plain values, to be stored and taken back later.
 *
 * @param line line number, before the conversion, of the first physical line concerned
 * @param before byte text of the line as it was, without its last line end; empty when lines were
 *     added; with its last line end when the line was removed
 * @param after byte text of what stands there now, without the last line end; may be several lines;
 *     empty when the line was removed
 * @param reason a sentence for people
 * @param above of a removed line: the physical line above the place where it stood, after the
 *     conversion; null at the beginning of the file
 * @param below the same below that place; null at the end of the file
 */
public record HbaEdit(
    String file,
    int line,
    String before,
    String after,
    String reason,
    @Nullable String above,
    @Nullable String below) {

  /** A line that was changed or added. */
  public HbaEdit(String file, int line, String before, String after, String reason) {
    this(file, line, before, after, reason, null, null);
  }

  HbaEdit between(@Nullable String lineAbove, @Nullable String lineBelow) {
    return new HbaEdit(file, line, before, after, reason, lineAbove, lineBelow);
  }
}
