package dev.pgseal.hba;

import com.github.difflib.DiffUtils;
import com.github.difflib.UnifiedDiffUtils;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

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

  /** A unified diff of the main files. */
  public static String unified(HbaDocument before, HbaDocument after) {
    return unified(before.bytes(), after.bytes(), before.mainFile());
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
