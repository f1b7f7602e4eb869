package dev.pgseal.hba;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Bytes of one file that give way to others.
 *
 * @param start offset of the first byte that goes
 * @param end offset behind the last; equal to {@code start} for an insertion
 */
record Splice(String file, int start, int end, String replacement) {

  /**
   * The document with all of them done; they must not overlap. Insertions keep their order and come
   * before what is replaced at the same place.
   */
  static HbaDocument apply(HbaDocument document, List<Splice> splices) {
    if (splices.isEmpty()) {
      return document;
    }
    Map<String, List<Splice>> byFile = new HashMap<>();
    for (Splice splice : splices) {
      byFile.computeIfAbsent(splice.file(), file -> new ArrayList<>()).add(splice);
    }
    Map<String, String> contents = new HashMap<>();
    byFile.forEach(
        (file, ofFile) -> contents.put(file, spliced(document.file(file).content(), ofFile)));
    return document.withContents(contents);
  }

  private boolean isInsertion() {
    return start == end;
  }

  private static String spliced(String content, List<Splice> splices) {
    splices.sort(
        Comparator.comparingInt(Splice::start).thenComparing(splice -> !splice.isInsertion()));
    var result = new StringBuilder(content.length() + 64);
    int done = 0;
    for (Splice splice : splices) {
      if (splice.start() < done) {
        throw new IllegalStateException("edits overlap at byte " + splice.start());
      }
      result.append(content, done, splice.start()).append(splice.replacement());
      done = splice.end();
    }
    return result.append(content, done, content.length()).toString();
  }
}
