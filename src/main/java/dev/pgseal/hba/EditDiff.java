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
          new EditDiff(lines(HbaText.ofBytes(before.bytes(file))), out).hunks(ofFile);
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

  private void hunks(List<HbaEdit> edits) {
    int from = 0;
    while (from < edits.size() && out.length() < WHOLE) {
      int to = from + 1;
      while (to < edits.size() && edits.get(to).line() - end(edits.get(to - 1)) <= 2 * CONTEXT) {
        to++;
      }
      hunk(edits.subList(from, to));
      from = to;
    }
  }

  /** The number of the line behind those that the edit replaces. */
  private static int end(HbaEdit edit) {
    return edit.line() + count(edit.before());
  }

  private static int count(String text) {
    return text.isEmpty() ? 0 : (int) text.chars().filter(c -> c == '\n').count() + 1;
  }

  private void hunk(List<HbaEdit> edits) {
    int start = Math.max(1, edits.get(0).line() - CONTEXT);
    int end = Math.min(old.size() + 1, end(edits.get(edits.size() - 1)) + CONTEXT);
    var body = new StringBuilder();
    int at = start;
    int added = 0;
    int removed = 0;
    for (HbaEdit edit : edits) {
      context(at, edit.line(), body);
      for (int line = edit.line(); line < end(edit) && line <= old.size(); line++) {
        body.append('-').append(old.get(line - 1)).append('\n');
        removed++;
      }
      if (!edit.after().isEmpty()) {
        for (String line : lines(edit.after())) {
          body.append('+').append(line).append('\n');
          added++;
        }
      }
      at = end(edit);
    }
    context(at, end, body);
    int length = end - start;
    out.append("@@ -").append(range(start, length));
    out.append(" +").append(range(start + shift, length + added - removed)).append(" @@\n");
    out.append(body);
    shift += added - removed;
  }

  private static String range(int start, int length) {
    return (length == 0 ? start - 1 : start) + "," + length;
  }

  private void context(int from, int to, StringBuilder body) {
    for (int line = from; line < to && line <= old.size(); line++) {
      body.append(' ').append(old.get(line - 1)).append('\n');
    }
  }
}
