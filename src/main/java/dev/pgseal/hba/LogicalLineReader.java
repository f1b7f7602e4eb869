package dev.pgseal.hba;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Splits a file into logical lines as tokenize_auth_file does (hba.c): a backslash before the line
 * end joins the next physical line, before quotes and comments are looked at.
 *
 * <p>NUL bytes need the C library's view: fgets reads on to the line end, strlen stops at the NUL,
 * so the rest of what was read is lost and the next line is glued on without being counted
 * (pg_get_line_append). How much was read depends on the buffer, so its growth is followed.
 */
final class LogicalLineReader {

  private static final int FIRST_BUFFER = 1024;
  private static final int ROOM = 128;
  private static final int[] NO_SEAMS = {};

  private final String content;
  private final boolean hasNul;
  private final List<LogicalLine> lines = new ArrayList<>();
  private final StringBuilder buffer = new StringBuilder();
  private int[] seams = new int[16];
  private int seamCount;
  private int bufferSize = FIRST_BUFFER;
  private int position;

  /** At or behind {@link #position} when it is needed; -1 when there is none. */
  private int nextNul;

  private LogicalLineReader(String content) {
    this.content = content;
    this.nextNul = content.indexOf('\0');
    this.hasNul = nextNul >= 0;
  }

  /** All lines; of more than {@link HbaLimits#TREE_LINES} one more than that. */
  static List<LogicalLine> read(String content) {
    var reader = new LogicalLineReader(content);
    int number = 1;
    while (reader.position < content.length() && reader.lines.size() <= HbaLimits.TREE_LINES) {
      number += reader.readLogical(number);
    }
    return reader.lines;
  }

  /** Reads one logical line and answers by how much the line number grows. */
  private int readLogical(int number) {
    int start = position;
    if (!hasNul && readPlain(number)) {
      return 1;
    }
    buffer.setLength(0);
    seamCount = 0;
    int lastBackslash = 0;
    int continuations = 0;
    while (appendPhysical()) {
      stripLineEnd();
      int length = buffer.length();
      if (length > lastBackslash && buffer.charAt(length - 1) == '\\') {
        buffer.setLength(length - 1);
        lastBackslash = length - 1;
        continuations++;
        continue;
      }
      break;
    }
    int[] pairs = seamCount == 0 ? NO_SEAMS : Arrays.copyOf(seams, seamCount);
    lines.add(new LogicalLine(start, position, number, buffer.toString(), pairs));
    return continuations + 1;
  }

  /** The common case: one physical line that is not continued, taken without copying. */
  private boolean readPlain(int number) {
    int lineEnd = content.indexOf('\n', position);
    int end = lineEnd < 0 ? content.length() : lineEnd + 1;
    int textEnd = end;
    while (textEnd > position && isLineEnd(content.charAt(textEnd - 1))) {
      textEnd--;
    }
    if (textEnd > position && content.charAt(textEnd - 1) == '\\') {
      return false;
    }
    String text = content.substring(position, textEnd);
    lines.add(new LogicalLine(position, end, number, text, NO_SEAMS));
    position = end;
    return true;
  }

  private boolean appendPhysical() {
    int before = buffer.length();
    while (position < content.length()) {
      int lineEnd = content.indexOf('\n', position);
      int end = lineEnd < 0 ? content.length() : lineEnd + 1;
      if (hasNul) {
        end = Math.min(end, position + bufferSize - buffer.length() - 1);
      }
      appendUpToNul(end);
      if (buffer.length() > before && buffer.charAt(buffer.length() - 1) == '\n') {
        return true;
      }
      growBuffer();
    }
    return buffer.length() > before;
  }

  private void appendUpToNul(int end) {
    if (hasNul && nextNul >= 0 && nextNul < position) {
      nextNul = content.indexOf('\0', position);
    }
    int nul = nextNul;
    addSeam(buffer.length(), position);
    buffer.append(content, position, nul >= 0 && nul < end ? nul : end);
    position = end;
  }

  /** enlargeStringInfo: doubles until {@link #ROOM} more bytes and a terminator fit. */
  private void growBuffer() {
    while (bufferSize < buffer.length() + ROOM + 1) {
      bufferSize *= 2;
    }
  }

  private void addSeam(int textOffset, int fileOffset) {
    if (seamCount == seams.length) {
      seams = Arrays.copyOf(seams, 2 * seamCount);
    }
    seams[seamCount++] = textOffset;
    seams[seamCount++] = fileOffset;
  }

  private void stripLineEnd() {
    int length = buffer.length();
    while (length > 0 && isLineEnd(buffer.charAt(length - 1))) {
      length--;
    }
    buffer.setLength(length);
  }

  private static boolean isLineEnd(char c) {
    return c == '\n' || c == '\r';
  }
}
