package dev.pgseal.hba;

import static org.awaitility.Awaitility.await;

import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** pg_hba_file_rules of a real server, asked in a session that stays open, bytes unharmed. */
final class RulesView implements AutoCloseable {

  /**
   * In a SQL_ASCII database convert_to takes any bytes; the view does not validate what it shows.
   */
  private static final String QUERY =
      """
      SELECT %s, line_number, type,
             (SELECT string_agg(encode(convert_to(d, 'SQL_ASCII'), 'hex'), ',' ORDER BY n)
                FROM unnest(database) WITH ORDINALITY AS u (d, n)),
             (SELECT string_agg(encode(convert_to(d, 'SQL_ASCII'), 'hex'), ',' ORDER BY n)
                FROM unnest(user_name) WITH ORDINALITY AS u (d, n)),
             encode(convert_to(address, 'SQL_ASCII'), 'hex'), netmask, auth_method,
             (SELECT string_agg(encode(convert_to(d, 'SQL_ASCII'), 'hex'), ',' ORDER BY n)
                FROM unnest(options) WITH ORDINALITY AS u (d, n)),
             encode(convert_to(error, 'SQL_ASCII'), 'hex')
        FROM pg_hba_file_rules
      """;

  /** A row; texts are byte texts, null where the view has NULL. */
  record Row(
      @Nullable String file,
      int line,
      @Nullable String type,
      @Nullable List<String> databases,
      @Nullable List<String> users,
      @Nullable String address,
      @Nullable String netmask,
      @Nullable String method,
      @Nullable List<String> options,
      @Nullable String error) {}

  private final PostgresServer server;
  private final Connection connection;
  private final PreparedStatement query;

  RulesView(PostgresServer server) throws SQLException {
    this(server, "bytes");
  }

  /**
   * @param database to be made for it
   */
  RulesView(PostgresServer server, String database) throws SQLException {
    this.server = server;

    server.execute(
        "CREATE DATABASE "
            + database
            + " ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
    var properties = new Properties();
    properties.put("user", PostgresServer.SUPERUSER);
    properties.put("password", PostgresServer.PASSWORD);
    properties.put("sslmode", "disable");
    this.connection =
        java.sql.DriverManager.getConnection(
            "jdbc:postgresql://" + server.host() + ":" + server.port() + "/" + database,
            properties);
    String file = server.major() < 16 ? "NULL::text" : "file_name";
    this.query = connection.prepareStatement(QUERY.formatted(file));
  }

  Path directory() {
    return server.dataDirectory();
  }

  void write(Map<String, String> files) {
    files.forEach(this::write);
  }

  void write(String path, String byteText) {
    try {
      Path file = directory().resolve(path);
      Files.createDirectories(file.getParent());
      Files.write(file, HbaText.toBytes(byteText));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What PostgreSQL says to this main file. */
  List<Row> rows(String mainFile) throws SQLException {
    write("pg_hba.conf", mainFile);
    var rows = new ArrayList<Row>();
    try (ResultSet result = query.executeQuery()) {
      while (result.next()) {
        rows.add(row(result));
      }
    }
    return rows;
  }

  private static Row row(ResultSet row) throws SQLException {
    return new Row(
        row.getString(1),
        row.getInt(2),
        row.getString(3),
        list(row.getString(4)),
        list(row.getString(5)),
        text(row.getString(6)),
        row.getString(7),
        row.getString(8),
        list(row.getString(9)),
        text(row.getString(10)));
  }

  private static @Nullable List<String> list(@Nullable String hex) {
    if (hex == null) {
      return null;
    }
    var list = new ArrayList<String>();
    for (String element : hex.split(",", -1)) {
      list.add(new String(HexFormat.of().parseHex(element), StandardCharsets.ISO_8859_1));
    }
    return list;
  }

  private static @Nullable String text(@Nullable String hex) {
    return hex == null
        ? null
        : new String(HexFormat.of().parseHex(hex), StandardCharsets.ISO_8859_1);
  }

  /** {@code pg_reload_conf()} over the open session. */
  void reload() throws SQLException {
    execute("SELECT pg_reload_conf()");
  }

  /** Over the open session, which no rules can shut out any more. */
  void execute(String... statements) throws SQLException {
    try (var statement = connection.createStatement()) {
      for (String sql : statements) {
        statement.execute(sql);
      }
    }
  }

  /** Until this session, which reads the files, has a setting that was reloaded. */
  void awaitSetting(String name, String value) {
    await(name)
        .until(
            () -> {
              try (var statement = connection.createStatement();
                  ResultSet row = statement.executeQuery("SHOW " + name)) {
                return row.next() && row.getString(1).equals(value);
              }
            });
  }

  /** Leaves the server with the rules it had at first. */
  @Override
  public void close() throws SQLException {
    server.writeHba(PostgresServer.DEFAULT_HBA);
    reload();
    connection.close();
  }
}
