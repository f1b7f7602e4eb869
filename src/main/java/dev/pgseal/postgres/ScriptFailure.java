package dev.pgseal.postgres;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.ServerErrorMessage;

/**
 * Reads how a script ended from the error of {@code COPY … TO PROGRAM}: SQLSTATE 38000 with the
 * exit code in DETAIL ({@code child process exited with exit code 17}; wait_error.c, translated).
 */
record ScriptFailure(int exitCode) {

  private static final Pattern NUMBER = Pattern.compile("[0-9]+");

  static @Nullable ScriptFailure of(SQLException e) {
    ServerErrorMessage server = SqlFaults.serverMessage(e);
    if (server == null || !SqlFaults.state(e).equals("38000")) {
      return null;
    }
    String detail = server.getDetail();
    if ("command not found".equals(detail)) {
      return new ScriptFailure(127);
    }
    Matcher number = NUMBER.matcher(detail == null ? "" : detail);
    return new ScriptFailure(number.find() ? Integer.parseInt(number.group()) : -1);
  }

  boolean is(ScriptStage stage) {
    return ScriptStage.of(exitCode) == stage;
  }

  /**
   * @param action what was to be done, such as {@code pg_hba.conf cannot be replaced}
   */
  PgsealException problem(String server, String action, SQLException cause) {
    ScriptStage stage = ScriptStage.of(exitCode);
    String reason = stage == null ? "the script ended with code " + exitCode : stage.sentence();
    PgsealException problem =
        new PgsealException(
            ProblemType.FILE_NOT_WRITTEN, action + " on " + server + ": " + reason, cause);
    return problem.hint(stage == null ? "The reason is in the server's log." : stage.hint());
  }
}
