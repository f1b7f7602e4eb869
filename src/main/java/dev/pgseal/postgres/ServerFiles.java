package dev.pgseal.postgres;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/**
 * Files on a server's disk, over SQL alone. Needs a superuser, or {@code pg_execute_server_program}
 * and {@code EXECUTE} on {@code pg_read_binary_file} and {@code pg_stat_file}.
 *
 * <p>A file is replaced whole: received beside its place, checked by length and SHA-256 on the
 * server, synced, renamed. Where a rename is impossible (a bind-mounted file) it is written in
 * place after the same check. Whatever fails leaves the old file, and gives {@link PgsealException}
 * {@code FILE_NOT_WRITTEN} with the stage and its cure.
 *
 * <p>Paths are absolute or relative to the data directory. They are pgseal's own choice or a
 * server's setting, never text of a caller.
 */
@ApplicationScoped
public class ServerFiles {

  static final int MAX_BYTES = 16 * 1024 * 1024;
  private static final byte[] PRIVATE_KEY = "PRIVATE KEY-----".getBytes(StandardCharsets.US_ASCII);

  /**
   * Replaces the file, or makes it; a symbolic link is followed. Its directory must exist.
   *
   * @param content a private key is taken only in a quiet session ({@link SecretSession})
   */
  public FileReceipt replace(PostgresSession session, String path, byte[] content, FileMode mode) {
    if (content.length > MAX_BYTES) {
      throw new IllegalArgumentException(path + ": content is larger than " + MAX_BYTES);
    }
    if (!session.isQuiet() && holds(content, PRIVATE_KEY)) {
      throw new IllegalStateException("A private key needs a quiet session");
    }
    String wanted = Fingerprints.sha256(content);
    boolean changed = !digest(session, path).equals(Optional.of(wanted));
    new ScriptRunner(session)
        .run(
            ServerScript.REPLACE_FILE,
            path + " cannot be written",
            new ScriptInput().header(path).header(mode.argument()).checkedContent(content));
    String placed = digest(session, path).orElse("no file");
    if (!placed.equals(wanted)) {
      throw new PgsealException(
              ProblemType.FILE_NOT_WRITTEN,
              path + " on " + session.server() + " does not hold what was written to it")
          .hint("Something else writes this file at the same time.");
    }
    return new FileReceipt(path, content.length, wanted, changed);
  }

  private static boolean holds(byte[] content, byte[] wanted) {
    return new String(content, StandardCharsets.ISO_8859_1)
        .contains(new String(wanted, StandardCharsets.ISO_8859_1));
  }

  private static Optional<String> digest(PostgresSession session, String path) {
    return session.queryOne(
        "SELECT encode(sha256(pg_read_binary_file(?, 0, ?::bigint, true)), 'hex')",
        row -> row.getString(1),
        path,
        MAX_BYTES + 1);
  }

  /**
   * @throws PgsealException {@code SERVER_FAULT} when it does not exist, cannot be read or is
   *     larger than 16 MiB
   */
  public byte[] read(PostgresSession session, String path) {
    return readIfExists(session, path)
        .orElseThrow(
            () ->
                new PgsealException(
                    ProblemType.SERVER_FAULT, path + " does not exist on " + session.server()));
  }

  /** Empty when it does not exist; else as {@link #read}. */
  public Optional<byte[]> readIfExists(PostgresSession session, String path) {
    Optional<byte[]> content =
        session.queryOne(
            "SELECT pg_read_binary_file(?, 0, ?::bigint, true)",
            row -> row.getBytes(1),
            path,
            MAX_BYTES + 1);
    if (content.filter(bytes -> bytes.length > MAX_BYTES).isPresent()) {
      throw new PgsealException(
          ProblemType.SERVER_FAULT,
          path + " on " + session.server() + " is larger than 16 MiB, which pgseal does not read");
    }
    return content;
  }

  /** A file or directory is there; a symbolic link is followed. */
  public boolean exists(PostgresSession session, String path) {
    // IS NOT NULL on the whole row is false: creation is NULL on Linux
    return session
        .queryOne("SELECT (pg_stat_file(?, true)).size IS NOT NULL", row -> row.getBoolean(1), path)
        .orElse(false);
  }

  /** Makes a directory below the data directory and its parents (0700); fine when it is there. */
  public void createDirectory(PostgresSession session, String path) {
    new ScriptRunner(session)
        .run(
            ServerScript.MAKE_DIRECTORY,
            path + " cannot be made",
            new ScriptInput().header(inside(session, path).relative()));
  }

  /**
   * Lets a symbolic link below the data directory lead elsewhere, in one rename; makes it when
   * there is none.
   *
   * @param targetRelative as {@code ln -s} takes it: relative to the link's directory
   */
  public void switchSymlink(PostgresSession session, String linkPath, String targetRelative) {
    if (targetRelative.isEmpty() || targetRelative.startsWith("-")) {
      throw new IllegalArgumentException("A link cannot lead to '" + targetRelative + "'");
    }
    new ScriptRunner(session)
        .run(
            ServerScript.SWITCH_SYMLINK,
            linkPath + " cannot be switched",
            new ScriptInput().header(inside(session, linkPath).relative()).header(targetRelative));
  }

  /** Where a symbolic link below the data directory leads; empty when there is no such link. */
  public Optional<String> readSymlink(PostgresSession session, String linkPath) {
    byte[] output =
        new ScriptRunner(session)
            .output(
                ServerScript.READ_SYMLINK,
                linkPath + " cannot be read",
                new ScriptInput().header(inside(session, linkPath).relative()));
    String goal = new String(output, StandardCharsets.UTF_8);
    return goal.isEmpty() ? Optional.empty() : Optional.of(goal.substring(0, goal.length() - 1));
  }

  /** Removes a file or directory strictly below {@code <data_directory>/pgseal/}. */
  public void removeTree(PostgresSession session, String path) {
    new ScriptRunner(session)
        .run(
            ServerScript.REMOVE_TREE,
            path + " cannot be removed",
            new ScriptInput().header(inside(session, path).requireOurs().relative()));
  }

  /** The server's host has this command, on the path of the server's processes. */
  public boolean commandExists(PostgresSession session, String name) {
    return new ScriptRunner(session)
        .test(
            ServerScript.COMMAND_EXISTS,
            name + " cannot be looked for",
            new ScriptInput().header(name),
            ScriptStage.NO_COMMAND);
  }

  private static ServerPath inside(PostgresSession session, String path) {
    String dataDirectory =
        session
            .queryOne("SELECT current_setting('data_directory')", row -> row.getString(1))
            .orElseThrow();
    return ServerPath.inside(dataDirectory, path);
  }
}
