package dev.pgseal.postgres;

import dev.pgseal.problem.PgsealException;
import java.sql.SQLException;
import java.util.Base64;
import java.util.UUID;

/**
 * Runs a {@link ServerScript} on the server. The input is bound to the setting {@code pgseal.input}
 * of our own session and read back by the constant {@code COPY}: neither SQL text nor command line
 * ever holds a path or a content. Works on a hot standby.
 *
 * <p>An error in mid-COPY closes the pipe of the program as the end of the content does; scripts
 * that take content check its length and SHA-256 before they use it.
 */
final class ScriptRunner {

  static final String INPUT = "SELECT string_to_table(current_setting('pgseal.input'), E'\\n')";
  static final String SET_INPUT = "SELECT set_config('pgseal.input', ?, false) IS NOT NULL";

  private final PostgresSession session;

  ScriptRunner(PostgresSession session) {
    this.session = session;
  }

  /**
   * @param action for the error, such as {@code server.key cannot be written}
   */
  void run(ServerScript script, String action, ScriptInput input) {
    try {
      runRaw(script.copy(INPUT), input);
    } catch (SQLException e) {
      throw problem(e, action);
    }
  }

  /** True when the script ended well, false when it ended at the stage expected. */
  boolean test(ServerScript script, String action, ScriptInput input, ScriptStage falseWhen) {
    try {
      runRaw(script.copy(INPUT), input);
      return true;
    } catch (SQLException e) {
      ScriptFailure failure = ScriptFailure.of(e);
      if (failure != null && failure.is(falseWhen)) {
        return false;
      }
      throw problem(e, action);
    }
  }

  /**
   * Runs a script that writes to a file named by its first header, and answers what it wrote. COPY
   * cannot hand a program's output back, and {@code COPY … FROM PROGRAM} needs a table, which a
   * standby cannot have.
   */
  byte[] output(ServerScript script, String action, ScriptInput rest) {
    String file = ".pgseal-output-" + UUID.randomUUID();
    String block =
        """
        DO $do$
        BEGIN
          %s;
          PERFORM set_config('pgseal.output', encode(pg_read_binary_file(
            current_setting('pgseal.output_file')), 'base64'), false);
          COPY (SELECT current_setting('pgseal.output_file'))
            TO PROGRAM 'read -r file; rm -f "$file"';
        END
        $do$
        """
            .formatted(script.copy(INPUT));
    try {
      session.executeRaw("SELECT set_config('pgseal.output_file', ?, false)", file);
      ScriptInput input = new ScriptInput().header(file).append(rest);
      runRaw(block, input);
      String encoded =
          session
              .queryOne("SELECT current_setting('pgseal.output')", row -> row.getString(1))
              .orElse("");
      return Base64.getMimeDecoder().decode(encoded);
    } catch (SQLException e) {
      throw problem(e, action);
    }
  }

  /** Binds the input, runs the statement, and forgets the input whatever happens. */
  void runRaw(String constantSql, ScriptInput input) throws SQLException {
    session.executeRaw(SET_INPUT, input.text());
    try {
      session.executeRaw(constantSql);
    } finally {
      forget();
    }
  }

  private void forget() throws SQLException {
    try {
      session.executeRaw(SET_INPUT, "");
    } catch (SQLException e) {
      // a lost session has forgotten it by itself, and its loss is what the caller must hear of
      if (session.isUsable()) {
        throw e;
      }
    }
  }

  private PgsealException problem(SQLException e, String action) {
    ScriptFailure failure = ScriptFailure.of(e);
    return failure == null ? session.problem(e) : failure.problem(session.server(), action, e);
  }
}
