package dev.pgseal.hba;

import java.util.List;

/**
 * One file of a tree: its path, its bytes as a byte text, and its logical lines.
 *
 * @param hasNul whether NUL bytes keep it from being edited line by line
 */
record SourceFile(String path, String content, List<LogicalLine> lines, boolean hasNul) {

  static SourceFile of(String path, String content) {
    if (content.length() > HbaLimits.FILE_BYTES) {
      throw HbaLimits.exceeded("The number of bytes", HbaLimits.FILE_BYTES, path);
    }
    List<LogicalLine> lines = LogicalLineReader.read(content);
    if (lines.size() > HbaLimits.TREE_LINES) {
      throw HbaLimits.exceeded("The number of lines", HbaLimits.TREE_LINES, path);
    }
    for (LogicalLine line : lines) {
      if (line.text().length() > HbaLimits.LINE_BYTES) {
        throw HbaLimits.exceeded("The length of a line", HbaLimits.LINE_BYTES, path)
            .with("line", line.number());
      }
    }
    return new SourceFile(path, content, lines, content.indexOf('\0') >= 0);
  }

  /** The bytes of a logical line, line end included. */
  String raw(LogicalLine line) {
    return content.substring(line.start(), line.end());
  }

  /** Column, from 1, of an offset of this file in its physical line. */
  int column(int offset) {
    return offset - content.lastIndexOf('\n', offset - 1);
  }

  /** The line end of the file's first line; LF when there is none. */
  String lineEnd() {
    int lf = content.indexOf('\n');
    return lf > 0 && content.charAt(lf - 1) == '\r' ? "\r\n" : "\n";
  }
}
