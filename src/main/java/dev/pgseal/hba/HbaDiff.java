package dev.pgseal.hba;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The difference of two files as people read it. */
public final class HbaDiff {

  private static final int CONTEXT_LINES = 3;

  private HbaDiff() {}

  /**
   * A unified diff in readable text, passwords and shared secrets masked; empty when the bytes are
   * equal.
   */
  public static String unified(byte[] before, byte[] after, String fileName) {
    List<String> old = lines(before);
    List<String> changed = lines(after);
    List<String> diff =
        UnifiedDiffUtils.generateUnifiedDiff(
            fileName, fileName, old, DiffUtils.diff(old, changed), CONTEXT_LINES);
    if (diff.isEmpty() && !Arrays.equals(before, after)) {
      return "--- %1$s\n+++ %1$s\n only a masked secret differs\n".formatted(fileName);
    }
    return diff.isEmpty() ? "" : String.join("\n", diff) + "\n";
  }

  /** A unified diff of all files of two trees, the main file first. */
  public static String unified(HbaDocument before, HbaDocument after) {
    return unified(contents(before), contents(after), after.mainFile());
  }

  /**
   * The same of contents by path; a file that only one side has is empty on the other.
   *
   * @param first path of the file that comes first
   */
  public static String unified(
      Map<String, byte[]> before, Map<String, byte[]> after, String first) {
    return Stream.concat(before.keySet().stream(), after.keySet().stream())
        .distinct()
        .sorted(
            Comparator.<String, Boolean>comparing(path -> !path.equals(first))
                .thenComparing(path -> path))
        .map(
            path ->
                unified(
                    before.getOrDefault(path, new byte[0]),
                    after.getOrDefault(path, new byte[0]),
                    HbaText.toReadable(path)))
        .collect(Collectors.joining());
  }

  private static Map<String, byte[]> contents(HbaDocument document) {
    return document.files().stream()
        .collect(Collectors.toMap(path -> path, path -> document.bytes(path)));
  }

  /** Lines with a mark where the last line end is missing, as diff writes it. */
  private static List<String> lines(byte[] content) {
    String text = HbaMask.of(HbaText.ofBytes(content));
    var lines = new ArrayList<String>();
    for (String line : text.split("\n", -1)) {
      lines.add(HbaText.toReadable(line));
    }
    if (lines.get(lines.size() - 1).isEmpty()) {
      lines.remove(lines.size() - 1);
    } else {
      lines.add("\\ No newline at end of file");
    }
    return lines;
  }
}
