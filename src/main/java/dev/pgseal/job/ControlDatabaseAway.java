package dev.pgseal.job;

import dev.pgseal.problem.PgsealException;
import java.sql.SQLException;

/**
 * Tells an error of the control database that passes, such as its restart, from others. A job that
 * meets one has neither failed nor succeeded: it is picked again and goes on. What a managed server
 * says comes as {@link PgsealException} and is never one.
 */
final class ControlDatabaseAway {

  private ControlDatabaseAway() {}

  static boolean isCauseOf(Throwable e) {
    if (e instanceof PgsealException) {
      return false;
    }
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException sql && passes(sql)) {
        return true;
      }
    }
    return false;
  }

  /**
   * 08: connection exceptions. 40: deadlock, which the other one won. 57P: shut down, crash,
   * starting up. 53: insufficient resources. No state at all: the pool got no connection in time.
   */
  private static boolean passes(SQLException e) {
    String state = e.getSQLState();
    return state == null
        || state.startsWith("08")
        || state.startsWith("40")
        || state.startsWith("57P")
        || state.startsWith("53");
  }
}
