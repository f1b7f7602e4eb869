package dev.pgseal.postgres;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/** The SQL that {@link ServerConnections#list} asks, on a connection that is open. */
public final class RawConnections {

  private RawConnections() {}

  /** All rows with all their columns, as somebody reads them who has only JDBC. */
  public static int read(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(ServerConnections.LIST)) {
      int columns = rows.getMetaData().getColumnCount();
      int length = 0;
      while (rows.next()) {
        for (int column = 1; column <= columns; column++) {
          String value = rows.getString(column);
          length += value == null ? 0 : value.length();
        }
      }
      return length;
    }
  }
}
