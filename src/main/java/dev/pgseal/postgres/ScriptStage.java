package dev.pgseal.postgres;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Where a script gave up: its exit code, what that means, and how it is mended. */
enum ScriptStage {
  INPUT(10, "the input arrived damaged", "Try again."),
  SYMLINK(12, "its symbolic link cannot be followed", "Repair or remove the link."),
  NO_DIRECTORY(13, "its directory does not exist", "Create the directory, or choose another path."),
  IS_DIRECTORY(14, "a directory has that name", "Choose another path."),
  TEMPORARY_FILE(15, "no temporary file can be made beside it", null),
  CONTENT(16, "the content arrived damaged; nothing was changed", "Try again."),
  CHECK(17, "the content arrived incomplete; nothing was changed", "Try again."),
  NO_DIGEST(
      18,
      "the server's host has no command that computes SHA-256",
      "Install coreutils (sha256sum) on the server's host."),
  MODE(19, "its mode cannot be set or read", null),
  RENAME(20, "the temporary file cannot be renamed over it", null),
  OVERWRITE(21, "it can be neither renamed over nor written in place", null),
  MAKE_DIRECTORY(22, "the directory cannot be created", null),
  OUTSIDE(
      23,
      "it does not lie where pgseal may write",
      "A symbolic link leads out of the data directory; remove it."),
  NOT_A_LINK(24, "a file or directory that is no symbolic link has that name", "Move it away."),
  LINK(25, "the symbolic link cannot be switched", null),
  REMOVE(26, "it cannot be removed", null),
  OPENSSL(27, "openssl failed on the server", "See the server's log."),
  CHANGED(28, "the file has changed meanwhile", "Read it again."),
  NO_PREVIOUS(29, "the copy of the previous file is gone", null),
  INTERRUPTED(30, "the script was interrupted; nothing was changed", "Try again."),
  CONFIRMED_TOO_LATE(31, "it was not confirmed in time; the previous text came back", null),
  LINKED(
      33,
      "it is a symbolic link, and the file behind it may belong to something else",
      "Change the file where the link leads, or let the include name that file itself."),
  NOT_WRITABLE(32, "it cannot be opened for writing", null),
  NO_SPACE(41, "no space is left on the device", "Free space on the server's disk."),
  READ_ONLY(
      42,
      "the file system is mounted read-only",
      "Mount it writable, or let whoever mounts it (a ConfigMap, say) make the change."),
  PERMISSION(
      43,
      "the server's operating system user may not write there",
      "Give the user PostgreSQL runs as write permission on the directory, or choose a path inside "
          + "the data directory."),
  NO_COMMAND(44, "the server's host has no such command", "Install it on the server's host."),
  NOT_EXECUTABLE(126, "a command may not be run on the server's host", null),
  COMMAND_MISSING(
      127,
      "a command is missing on the server's host",
      "pgseal needs sh, base64, sha256sum, mktemp, stat, readlink, mv, sync (coreutils or"
          + " busybox).");

  private static final String LOG_HINT = "The reason is in the server's log.";

  private final int code;
  private final String sentence;
  private final @Nullable String hint;

  ScriptStage(int code, String sentence, @Nullable String hint) {
    this.code = code;
    this.sentence = sentence;
    this.hint = hint;
  }

  static @Nullable ScriptStage of(int exitCode) {
    return Arrays.stream(values()).filter(stage -> stage.code == exitCode).findFirst().orElse(null);
  }

  String sentence() {
    return sentence;
  }

  String hint() {
    return hint == null ? LOG_HINT : hint;
  }
}
