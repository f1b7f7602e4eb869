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

/**
 * Takes earlier edits back by finding each one's text again, wherever it has moved to. Of several
 * equal places the one nearest to where the edit left it is taken.
 */
final class EditReversal {

  private final HbaDocument document;
  private final List<HbaEdit> edits;
  private final Map<String, FileIndex> files = new HashMap<>();
  private final Map<String, RemovedLine> places = new HashMap<>();
  private final Map<String, Integer> drift = new HashMap<>();
  private final List<Splice> splices = new ArrayList<>();
  private final List<HbaEdit> done = new ArrayList<>();
  private final List<HbaConversion.Conflict> conflicts = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();

  EditReversal(HbaDocument document, List<HbaEdit> edits) {
    this.document = document;
    this.edits = edits;
  }

  HbaConversion.Relaxed run() {
    for (HbaEdit edit : edits) {
      takeBack(edit);
    }
    return new HbaConversion.Relaxed(
        Splice.apply(document, splices),
        List.copyOf(done),
        List.copyOf(conflicts),
        List.copyOf(notes));
  }

  private void takeBack(HbaEdit edit) {
    int shift = drift.getOrDefault(edit.file(), 0);
    int lines = edit.after().isEmpty() ? endedLines(edit.before()) : lineCount(edit.before());
    drift.put(edit.file(), shift + lineCount(edit.after()) - lines);
    if (!document.files().contains(edit.file())) {
      conflicts.add(new HbaConversion.Conflict(edit, "the file is not read any more"));
      return;
    }
    FileIndex index = files.computeIfAbsent(edit.file(), f -> new FileIndex(document.file(f)));
    if (edit.after().isEmpty()) {
      putBack(edit, index, edit.line() + shift);
      return;
    }
    LogicalLine found = index.find(edit.after(), edit.line() + shift);
    if (found == null) {
      missing(edit, index);
      return;
    }
    HbaEditor.requireEditable(document, document.file(edit.file()));
    int end = found.start() + edit.after().length();
    if (edit.before().isEmpty()) {
      end = index.behindLineEnd(end);
    }
    splices.add(new Splice(edit.file(), found.start(), end, edit.before()));
    done.add(
        new HbaEdit(
            edit.file(),
            found.number(),
            edit.after(),
            edit.before(),
            "taken back: " + edit.reason()));
  }

  /** A line that was removed comes back where it stood. */
  private void putBack(HbaEdit edit, FileIndex index, int expectedLine) {
    String body = edit.before().replaceFirst("\\r*\\n?\\z", "");
    if (index.find(body, edit.line()) != null) {
      notes.add(edit.file() + ": line " + edit.line() + " had been put back already");
      return;
    }
    SourceFile file = document.file(edit.file());
    OptionalInt place =
        places.computeIfAbsent(edit.file(), f -> new RemovedLine(file)).find(edit, expectedLine);
    boolean last = place.isPresent() && place.getAsInt() == file.content().length();
    boolean joins = !last && body.endsWith("\\");
    if (place.isEmpty() || joins) {
      conflicts.add(
          new HbaConversion.Conflict(
              edit, "the lines around the removed one were changed by hand since; it stays away"));
      return;
    }
    HbaEditor.requireEditable(document, file);
    boolean ended = last || edit.before().endsWith("\n");
    String text = ended ? edit.before() : edit.before() + file.lineEnd();
    splices.add(new Splice(edit.file(), place.getAsInt(), place.getAsInt(), text));
    done.add(new HbaEdit(edit.file(), edit.line(), "", body, "taken back: " + edit.reason()));
  }

  private static int endedLines(String text) {
    return lineCount(text.endsWith("\n") ? text.substring(0, text.length() - 1) : text);
  }

  private void missing(HbaEdit edit, FileIndex index) {
    if (!edit.before().isEmpty() && index.find(edit.before(), edit.line()) != null) {
      notes.add(edit.file() + ": line " + edit.line() + " had been put back already");
      return;
    }
    conflicts.add(
        new HbaConversion.Conflict(
            edit, "the line was changed or removed by hand since; it was left as it is"));
  }

  private static int lineCount(String text) {
    return text.isEmpty() ? 0 : 1 + (int) text.chars().filter(c -> c == '\n').count();
  }

  /** Where in a file lines with a given beginning stand. */
  private static final class FileIndex {

    private final SourceFile file;
    private final Map<String, NavigableMap<Integer, LogicalLine>> byFirstLine = new HashMap<>();

    FileIndex(SourceFile file) {
      this.file = file;
      for (LogicalLine line : file.lines()) {
        byFirstLine
            .computeIfAbsent(firstLine(file.raw(line)), text -> new TreeMap<>())
            .put(line.number(), line);
      }
    }

    /** The nearest such line, which is then taken and not found again. */
    @Nullable LogicalLine find(String text, int expectedLine) {
      var lines = byFirstLine.getOrDefault(firstLine(text), Collections.emptyNavigableMap());
      LogicalLine above = whole(lines.headMap(expectedLine, true).descendingMap(), text);
      LogicalLine below = whole(lines.tailMap(expectedLine, false), text);
      LogicalLine nearest = above == null ? below : above;
      if (above != null
          && below != null
          && below.number() - expectedLine < expectedLine - above.number()) {
        nearest = below;
      }
      if (nearest != null) {
        lines.remove(nearest.number());
      }
      return nearest;
    }

    private @Nullable LogicalLine whole(Map<Integer, LogicalLine> lines, String text) {
      for (LogicalLine line : lines.values()) {
        if (isWhole(line.start(), text)) {
          return line;
        }
      }
      return null;
    }

    private boolean isWhole(int start, String text) {
      int end = start + text.length();
      String content = file.content();
      return content.startsWith(text, start)
          && (end == content.length() || behindLineEnd(end) > end);
    }

    int behindLineEnd(int offset) {
      String content = file.content();
      if (content.startsWith("\r\n", offset)) {
        return offset + 2;
      }
      return content.startsWith("\n", offset) ? offset + 1 : offset;
    }

    private static String firstLine(String text) {
      int end = text.indexOf('\n');
      String line = end < 0 ? text : text.substring(0, end);
      return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
    }
  }
}
