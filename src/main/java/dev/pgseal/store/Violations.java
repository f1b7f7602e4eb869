package dev.pgseal.store;

import java.sql.SQLException;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;

/** Tells a broken unique constraint from other failures. */
final class Violations {

  /** PostgreSQL's SQLSTATE {@code unique_violation}. */
  private static final String UNIQUE_VIOLATION = "23505";

  private Violations() {}

  static boolean unique(UnableToExecuteStatementException e) {
    return e.getCause() instanceof SQLException sql && UNIQUE_VIOLATION.equals(sql.getSQLState());
  }
}
