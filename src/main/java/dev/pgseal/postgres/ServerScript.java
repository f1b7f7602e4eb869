package dev.pgseal.postgres;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * The constant shell scripts that run on a server through {@code COPY … TO PROGRAM} (resources
 * {@code scripts/*.sh}, each behind {@code lib.sh}). Nothing is ever spliced into them: paths and
 * contents travel through their standard input ({@link ScriptRunner}).
 */
enum ServerScript {
  REPLACE_FILE,
  MAKE_DIRECTORY,
  SWITCH_SYMLINK,
  READ_SYMLINK,
  REMOVE_TREE,
  COMMAND_EXISTS,
  MAKE_CSR,
  DIAGNOSE_SSL_FILES,
  CHECK_REPLACEABLE,
  REPLACE_HBA,
  RESTORE_HBA,
  ARM_HBA,
  REVERT_HBA,
  CONFIRM_HBA,
  TRY_STREAM;

  private static final String QUOTE = "$pgseal$";

  private final String text;
  private final String copy;

  ServerScript() {
    this.text = Library.TEXT + load(name().toLowerCase(Locale.ROOT).replace('_', '-') + ".sh");
    if (text.contains(QUOTE)) {
      throw new IllegalStateException(name() + " holds " + QUOTE);
    }
    this.copy = " TO PROGRAM " + QUOTE + text + QUOTE;
  }

  /** For a script that another one starts. */
  byte[] text() {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** Loaded once; an enum's constructor may not use the enum's own static fields. */
  private static final class Library {
    static final String TEXT = load("lib.sh");
  }

  /**
   * {@code COPY (query) TO PROGRAM $pgseal$…$pgseal$}.
   *
   * @param constantQuery yields the lines of the input in order, one column
   */
  String copy(String constantQuery) {
    return "COPY (" + constantQuery + ")" + copy;
  }

  /** Comments are for readers of the source; the server would log them each time. */
  private static String load(String file) {
    try (InputStream in = ServerScript.class.getResourceAsStream("scripts/" + file)) {
      if (in == null) {
        throw new IllegalStateException("scripts/" + file + " is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.stripLeading().startsWith("#"))
          .collect(Collectors.joining("\n", "", "\n"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
