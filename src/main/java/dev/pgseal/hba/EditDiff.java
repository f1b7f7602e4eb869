package dev.pgseal.hba;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The unified diff of edits, made of the edits themselves: a general one is quadratic where every
 * line is changed.
 */
public final class EditDiff {

  private static final int CONTEXT = 3;

  /** Characters of a line, and of a whole diff with its last hunk at most once more. */
  private static final int LINE = 10_000;

  private static final int WHOLE = 1_000_000;

  private final List<String> old;
  private final StringBuilder out;
  private int shift;

  private EditDiff(List<String> old, StringBuilder out) {
    this.old = old;
    this.out = out;
  }

  /**
   * In readable text, passwords and shared secrets masked, one file behind the other. Of a diff
   * that is longer than a million characters the later hunks are left out; endless lines are cut.
   *
   * @param edits that were made to this document
   */
  public static String unified(HbaDocument before, List<HbaEdit> edits) {
    Map<String, List<HbaEdit>> byFile =
        edits.stream()
            .collect(Collectors.groupingBy(HbaEdit::file, TreeMap::new, Collectors.toList()));
    var out = new StringBuilder();
    byFile.forEach(
        (file, ofFile) -> {
          ofFile.sort(Comparator.comparingInt(HbaEdit::line));
          out.append("--- ").append(file).append("\n+++ ").append(file).append('\n');
          var diff = new EditDiff(lines(HbaText.ofBytes(before.bytes(file))), out);
          diff.hunks(diff.changes(ofFile));
        });
    return out.toString();
  }

  private static List<String> lines(String byteText) {
    List<String> lines = new ArrayList<>();
    for (String line : HbaMask.of(byteText).split("\n", -1)) {
      lines.add(HbaText.shortened(HbaText.toReadable(line), LINE));
    }
    if (lines.get(lines.size() - 1).isEmpty()) {
      lines.remove(lines.size() - 1);
    }
    return lines;
  }

  /**
   * @param line number of the first line that goes, or of the one in front of which some come
   */
  private record Change(int line, int removed, List<String> added) {

    private int end() {
      return line + removed;
    }

    private Change and(Change next) {
      List<String> all = new ArrayList<>(added);
      all.addAll(next.added);
      return new Change(line, removed + next.removed, all);
    }
  }

  /** Edits that touch each other are one change. */
  private List<Change> changes(List<HbaEdit> edits) {
    List<Change> changes = new ArrayList<>();
    for (HbaEdit edit : edits) {
      Change change = change(edit);
      int last = changes.size() - 1;
      if (last >= 0 && changes.get(last).end() == change.line()) {
        changes.set(last, changes.get(last).and(change));
      } else {
        changes.add(change);
      }
    }
    return changes;
  }

  /** Without the lines at both ends that stay as they are: those of a record that is continued. */
  private Change change(HbaEdit edit) {
    int from = edit.line() - 1;
    int to = Math.min(old.size(), from + count(edit.before()));
    List<String> after = edit.after().isEmpty() ? List.of() : lines(edit.after());
    int first = 0;
    int last = after.size();
    while (from < to && first < last && old.get(from).equals(after.get(first))) {
      from++;
      first++;
    }
    while (from < to && first < last && old.get(to - 1).equals(after.get(last - 1))) {
      to--;
      last--;
    }
    return new Change(from + 1, to - from, after.subList(first, last));
  }

  private static int count(String text) {
    return text.isEmpty() ? 0 : (int) text.chars().filter(c -> c == '\n').count() + 1;
  }

  private void hunks(List<Change> changes) {
    int from = 0;
    while (from < changes.size() && out.length() < WHOLE) {
      int to = from + 1;
      while (to < changes.size()
          && changes.get(to).line() - changes.get(to - 1).end() <= 2 * CONTEXT) {
        to++;
      }
      hunk(changes.subList(from, to));
      from = to;
    }
  }

  private void hunk(List<Change> changes) {
    int start = Math.max(1, changes.get(0).line() - CONTEXT);
    int end = Math.min(old.size() + 1, changes.get(changes.size() - 1).end() + CONTEXT);
    var body = new StringBuilder();
    int at = start;
    int grown = 0;
    for (Change change : changes) {
      lines(' ', old.subList(at - 1, change.line() - 1), body);
      lines('-', old.subList(change.line() - 1, change.end() - 1), body);
      lines('+', change.added(), body);
      grown += change.added().size() - change.removed();
      at = change.end();
    }
    lines(' ', old.subList(at - 1, end - 1), body);
    int length = end - start;
    out.append("@@ -").append(range(start, length));
    out.append(" +").append(range(start + shift, length + grown)).append(" @@\n");
    out.append(body);
    shift += grown;
  }

  private static void lines(char mark, List<String> lines, StringBuilder body) {
    lines.forEach(line -> body.append(mark).append(line).append('\n'));
  }

  private static String range(int start, int length) {
    return (length == 0 ? start - 1 : start) + "," + length;
  }
}
