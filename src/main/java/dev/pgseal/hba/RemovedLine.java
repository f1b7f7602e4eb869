package dev.pgseal.hba;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Where in a file removed lines stood: between which two others. */
final class RemovedLine {

  /** What stands around a place; null at the ends of the file. */
  private record Around(@Nullable String above, @Nullable String below) {}

  /** Line number to offset, by what stands around, only above, only below. */
  private final Map<Around, NavigableMap<Integer, Integer>> between = new HashMap<>();

  private final Map<String, NavigableMap<Integer, Integer>> under = new HashMap<>();
  private final Map<String, NavigableMap<Integer, Integer>> over = new HashMap<>();

  /** All places of a file where a line can be put without cutting one that goes on. */
  RemovedLine(SourceFile file) {
    String content = file.content();
    int lines = 0;
    for (LogicalLine line : file.lines()) {
      place(content, line.start(), line.number());
      lines = line.number() + (int) file.raw(line).chars().filter(c -> c == '\n').count();
    }
    if (content.isEmpty() || content.endsWith("\n")) {
      place(content, content.length(), Math.max(1, lines));
    }
  }

  private void place(String content, int offset, int line) {
    Around around = around(content, offset);
    between.computeIfAbsent(around, a -> new TreeMap<>()).put(line, offset);
    if (tells(around.above())) {
      under.computeIfAbsent(around.above(), a -> new TreeMap<>()).put(line, offset);
    }
    if (tells(around.below())) {
      over.computeIfAbsent(around.below(), a -> new TreeMap<>()).put(line, offset);
    }
  }

  /**
   * The offset of the place that is nearest to the expected line: between the same two lines, else
   * above the one, else under the other. Empty when neither is there any more.
   */
  OptionalInt find(HbaEdit edit, int expectedLine) {
    var places = between.get(new Around(edit.above(), edit.below()));
    if (places == null) {
      places = over.get(edit.below());
    }
    if (places == null) {
      places = under.get(edit.above());
    }
    return places == null ? OptionalInt.empty() : OptionalInt.of(nearest(places, expectedLine));
  }

  private static int nearest(NavigableMap<Integer, Integer> places, int line) {
    Map.Entry<Integer, Integer> before = places.floorEntry(line);
    Map.Entry<Integer, Integer> behind = places.ceilingEntry(line);
    if (before == null || behind == null) {
      return (before == null ? behind : before).getValue();
    }
    boolean behindIsNearer = behind.getKey() - line < line - before.getKey();
    return (behindIsNearer ? behind : before).getValue();
  }

  /** The edits, those that removed a line with what stands around its place in {@code after}. */
  static List<HbaEdit> place(List<HbaEdit> edits, List<Splice> splices, HbaDocument after) {
    var placed = new ArrayList<HbaEdit>(edits.size());
    Map<String, Integer> shift = new HashMap<>();
    for (int i = 0; i < edits.size(); i++) {
      HbaEdit edit = edits.get(i);
      Splice splice = splices.get(i);
      int moved = shift.getOrDefault(splice.file(), 0);
      if (edit.after().isEmpty()) {
        Around around = around(after.file(edit.file()).content(), splice.start() + moved);
        edit = edit.between(around.above(), around.below());
      }
      placed.add(edit);
      int longer = splice.replacement().length() - (splice.end() - splice.start());
      shift.put(splice.file(), moved + longer);
    }
    return Collections.unmodifiableList(placed);
  }

  /** A blank line or an empty comment is everywhere. */
  private static boolean tells(@Nullable String line) {
    return line != null && !line.isBlank() && !line.strip().equals("#");
  }

  private static Around around(String content, int offset) {
    return new Around(above(content, offset), below(content, offset));
  }

  private static @Nullable String above(String content, int offset) {
    if (offset == 0) {
      return null;
    }
    int end = content.charAt(offset - 1) == '\n' ? offset - 1 : offset;
    return withoutCr(content.substring(content.lastIndexOf('\n', end - 1) + 1, end));
  }

  private static @Nullable String below(String content, int offset) {
    if (offset >= content.length()) {
      return null;
    }
    int end = content.indexOf('\n', offset);
    return withoutCr(content.substring(offset, end < 0 ? content.length() : end));
  }

  private static String withoutCr(String line) {
    return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
  }
}
