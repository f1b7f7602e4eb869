package dev.pgseal.postgres;

import java.sql.ResultSet;
import java.sql.SQLException;

/** Makes one value of the row the result set stands on. */
@FunctionalInterface
public interface RowMapper<T> {
  T map(ResultSet row) throws SQLException;
}
