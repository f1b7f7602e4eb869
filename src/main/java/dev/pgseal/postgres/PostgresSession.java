package dev.pgseal.postgres;

import dev.pgseal.problem.PgsealException;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * One autocommit session with a PostgreSQL server, over the extended query protocol only: a bound
 * value is never part of the SQL text.
 *
 * <p>Every method throws {@link PgsealException} {@code PRIVILEGE_MISSING} (SQLSTATE 42501), {@code
 * SERVER_UNREACHABLE} (the connection is lost) or {@code SERVER_FAULT} (any other error of the
 * server, with its SQLSTATE). Not safe for use by two threads at once, but for {@link #abort}.
 *
 * <p>Binds: {@code null}, strings, numbers, booleans, {@code byte[]}, {@link Instant} (as {@code
 * timestamptz}, to the microsecond) and {@code String[]} (as {@code text[]}).
 */
public final class PostgresSession implements AutoCloseable {

  private static final Logger LOG = Logger.getLogger(PostgresSession.class);
  private static final int VALIDATION_SECONDS = 3;

  /**
   * What is asked of a new session at once. The timeouts a database administrator may have set for
   * a role would end a step half way; {@code lc_messages} keeps the texts of errors in English
   * where we may say so; {@code client_connection_check_interval} must not stop a statement that
   * undoes its own work. {@code pg_stat_ssl} would look at every session for the one.
   */
  private static final String GREETING =
      """
      SELECT current_setting('server_version_num')::int AS version,
             pg_backend_pid() AS pid,
             coalesce((SELECT ssl FROM pg_stat_get_activity(pg_backend_pid())), false) AS ssl,
             (SELECT count(set_config(name, '0', false)) FROM pg_settings
               WHERE setting <> '0'
                 AND name IN ('statement_timeout', 'lock_timeout', 'transaction_timeout',
                   'idle_session_timeout', 'idle_in_transaction_session_timeout',
                   'client_connection_check_interval')) AS timeouts,
             (SELECT count(set_config('lc_messages', 'C', false)) FROM pg_roles
               WHERE rolname = current_user AND rolsuper) AS messages
      """;

  /** A bigint key is split into classid and objid, and objsubid is 1 (lockfuncs.c). */
  private static final String HELD_BY_ANOTHER =
      """
      SELECT EXISTS (SELECT FROM pg_locks
                      WHERE locktype = 'advisory' AND granted AND objsubid = 1
                        AND (classid::bigint << 32) | objid::bigint = ?
                        AND pid <> pg_backend_pid())
      """;

  private final Connection connection;
  private final SessionOrigin origin;
  private final SessionEnd end;
  private final int major;
  private final int pid;
  private final boolean encrypted;
  private boolean changed;
  private boolean quiet;
  private volatile boolean closed;

  /** What becomes of the connection when the session is closed. */
  @FunctionalInterface
  interface SessionEnd {
    /**
     * @param changed settings or locks of the session may have been changed
     */
    void end(Connection connection, boolean changed) throws SQLException;
  }

  /** Takes the connection over: it is ended here when the greeting fails. */
  PostgresSession(Connection connection, SessionOrigin origin, SessionEnd end) {
    this.connection = connection;
    this.origin = origin;
    this.end = end;
    try {
      Greeting greeting =
          queryOne(
                  GREETING,
                  row ->
                      new Greeting(
                          row.getInt("version") / 10_000, row.getInt("pid"), row.getBoolean("ssl")))
              .orElseThrow();
      this.major = greeting.major;
      this.pid = greeting.pid;
      this.encrypted = greeting.ssl;
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private record Greeting(int major, int pid, boolean ssl) {}

  /** Such as 16. */
  public int major() {
    return major;
  }

  /** Process id of our backend. */
  public int pid() {
    return pid;
  }

  /** {@code host:port}, for messages. */
  public String server() {
    return origin.toString();
  }

  /** This session travels inside TLS, as the server itself says ({@code pg_stat_ssl}). */
  public boolean encrypted() {
    return encrypted;
  }

  /**
   * @param sql a constant; values travel as {@code ?} binds only
   */
  public <T> List<T> query(String sql, RowMapper<T> mapper, @Nullable Object... binds) {
    try (PreparedStatement statement = prepare(sql, binds);
        ResultSet rows = statement.executeQuery()) {
      List<T> result = new ArrayList<>();
      while (rows.next()) {
        result.add(mapper.map(rows));
      }
      return result;
    } catch (SQLException e) {
      throw SqlFaults.ofStatement(e, origin);
    }
  }

  /**
   * The first row, if there is any. A row whose value is NULL counts as none.
   *
   * @param sql a constant; values travel as {@code ?} binds only
   */
  public <T> Optional<T> queryOne(
      String sql, RowMapper<? extends @Nullable T> mapper, @Nullable Object... binds) {
    try (PreparedStatement statement = prepare(sql, binds);
        ResultSet rows = statement.executeQuery()) {
      return rows.next() ? Optional.ofNullable(mapper.map(rows)) : Optional.empty();
    } catch (SQLException e) {
      throw SqlFaults.ofStatement(e, origin);
    }
  }

  /**
   * Runs a statement and drops its result.
   *
   * @param constantSql a constant, or text that the server itself quoted ({@code format('%I %L')})
   */
  public void execute(String constantSql, @Nullable Object... binds) {
    try {
      executeRaw(constantSql, binds);
    } catch (SQLException e) {
      throw SqlFaults.ofStatement(e, origin);
    }
  }

  /** As {@link #execute}, for callers that read SQLSTATE and DETAIL themselves. */
  void executeRaw(String constantSql, @Nullable Object... binds) throws SQLException {
    changed = true;
    try (PreparedStatement statement = prepare(constantSql, binds)) {
      statement.execute();
    }
  }

  /** The problem that stands for an error of {@link #executeRaw}. */
  PgsealException problem(SQLException e) {
    return SqlFaults.ofStatement(e, origin);
  }

  /**
   * A session-level advisory lock for the whole server; it goes when the session is closed.
   * PostgreSQL's is one for each database, so those of the others are looked at as well; two that
   * try at once in two databases may both be refused.
   *
   * @return false when another session holds it, in whichever database
   */
  public boolean tryAdvisoryLock(long key) {
    changed = true;
    boolean taken =
        queryOne("SELECT pg_try_advisory_lock(?)", row -> row.getBoolean(1), key).orElse(false);
    if (taken && queryOne(HELD_BY_ANOTHER, row -> row.getBoolean(1), key).orElse(true)) {
      queryOne("SELECT pg_advisory_unlock(?)", row -> row.getBoolean(1), key);
      return false;
    }
    return taken;
  }

  /** The server still answers in this session; waits at most 3 seconds. */
  public boolean isUsable() {
    try {
      return !closed && connection.isValid(VALIDATION_SECONDS);
    } catch (SQLException e) {
      return false;
    }
  }

  /** The session keeps statements and their parameters out of logs and views. */
  public boolean isQuiet() {
    return quiet;
  }

  void becameQuiet() {
    quiet = true;
    changed = true;
  }

  /** Whether {@link #close} was called. */
  public boolean isClosed() {
    return closed;
  }

  /**
   * Cuts the connection, without waiting for the server or for whoever uses the session: their call
   * fails with {@code SERVER_UNREACHABLE}, as do all later ones. May be called by any thread.
   */
  public void abort() {
    try {
      connection.abort(
          cut -> {
            Thread thread = new Thread(cut, "pgseal-session-abort");
            thread.setDaemon(true);
            thread.start();
          });
    } catch (SQLException e) {
      LOG.debugf("Aborting a session with %s: %s", origin, e.getSQLState());
    }
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      end.end(connection, changed);
    } catch (SQLException e) {
      LOG.debugf("Closing a session with %s: %s", origin, e.getSQLState());
    }
  }

  private PreparedStatement prepare(String sql, @Nullable Object... binds) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    try {
      for (int i = 0; i < binds.length; i++) {
        bind(statement, i + 1, binds[i]);
      }
      return statement;
    } catch (SQLException | RuntimeException e) {
      statement.close();
      throw e;
    }
  }

  private void bind(PreparedStatement statement, int index, @Nullable Object value)
      throws SQLException {
    if (value instanceof Instant instant) {
      statement.setObject(index, instant.atOffset(ZoneOffset.UTC));
    } else if (value instanceof String[] strings) {
      Array array = connection.createArrayOf("text", strings);
      statement.setArray(index, array);
    } else {
      statement.setObject(index, value);
    }
  }
}
