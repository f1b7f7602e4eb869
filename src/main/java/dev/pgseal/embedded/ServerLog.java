package dev.pgseal.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The log file of a server. */
record ServerLog(Path path) {

  private static final int TAIL_LINES = 30;

  /** In bytes, 0 when nothing was ever logged. */
  long size() {
    try {
      return Files.exists(path) ? Files.size(path) : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String text() {
    return textFrom(0);
  }

  /** The last lines of what was written after the first {@code offset} bytes. */
  String tail(long offset) {
    List<String> lines = textFrom(offset).lines().toList();
    return String.join(
        System.lineSeparator(),
        lines.subList(Math.max(0, lines.size() - TAIL_LINES), lines.size()));
  }

  private String textFrom(long offset) {
    if (!Files.exists(path)) {
      return "";
    }
    try (var in = Files.newInputStream(path)) {
      in.skipNBytes(offset);
      // clients choose names in any encoding, so bad bytes are replaced and not an error
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
