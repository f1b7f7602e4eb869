package dev.pgseal.postgres;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.math.BigDecimal;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Who is connected to a server and how, and ending a session. */
@ApplicationScoped
public class ServerConnections {

  /** One call waits at most this long, well within the socket timeout of our own session. */
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

  /**
   * Begins with {@code pg_stat_activity}: without {@code pg_read_all_stats} the rows of others are
   * missing from {@code pg_stat_ssl}, and their {@code backend_type} is NULL here. Background
   * processes have no user. A backend that is still authenticating (visible since 18) has none
   * either, but its type is shown to those who may see it.
   */
  static final String LIST =
      """
      SELECT a.pid, a.backend_start, coalesce(a.backend_type, 'unknown') AS backend_type,
             a.usename, a.datname, a.application_name, host(a.client_addr) AS client_addr,
             nullif(a.client_port, -1) AS client_port, a.state, a.xact_start, a.wait_event,
             CASE WHEN a.client_port IS NULL THEN 'unknown'
                  WHEN a.client_addr IS NULL THEN 'local'
                  WHEN coalesce(s.ssl, false) THEN 'tls'
                  WHEN coalesce(g.encrypted, false) THEN 'gss'
                  ELSE 'plaintext' END AS encryption,
             coalesce(a.backend_start < pg_conf_load_time(), true) AS older,
             s.version, s.cipher, s.client_dn, s.client_serial, s.issuer_dn
        FROM pg_stat_activity a
        LEFT JOIN pg_stat_ssl s USING (pid)
        LEFT JOIN pg_stat_gssapi g USING (pid)
       WHERE (a.backend_type IN ('client backend', 'walsender')
              OR (a.backend_type IS NULL AND a.usename IS NOT NULL))
         AND a.pid <> pg_backend_pid()
       ORDER BY a.backend_start, a.pid
      """;

  private static final String TERMINATE =
      """
      SELECT pg_terminate_backend(pid, ?::bigint) FROM pg_stat_activity
       WHERE pid = ? AND backend_start = ?
      """;

  /**
   * All sessions with a client behind them but our own, oldest first. Sessions that our role may
   * not see into are there with {@link Encryption#UNKNOWN}, never left out. {@code older} is right
   * in a session that was opened after the last reload ({@link PostgresConnector#open}).
   */
  public List<ServerConnection> list(PostgresSession session) {
    return session.query(LIST, ServerConnections::connection);
  }

  private static ServerConnection connection(ResultSet row) throws SQLException {
    return new ServerConnection(
        row.getInt("pid"),
        instant(row, "backend_start"),
        row.getString("backend_type"),
        row.getString("usename"),
        row.getString("datname"),
        row.getString("application_name"),
        row.getString("client_addr"),
        row.getObject("client_port", Integer.class),
        row.getString("state"),
        instant(row, "xact_start"),
        row.getString("wait_event"),
        Encryption.valueOf(row.getString("encryption").toUpperCase(Locale.ROOT)),
        row.getBoolean("older"),
        row.getString("version"),
        row.getString("cipher"),
        row.getString("client_dn"),
        hex(row.getBigDecimal("client_serial")),
        row.getString("issuer_dn"));
  }

  private static @Nullable String hex(@Nullable BigDecimal serial) {
    return serial == null ? null : serial.toBigIntegerExact().toString(16);
  }

  private static @Nullable Instant instant(ResultSet row, String column) throws SQLException {
    OffsetDateTime value = row.getObject(column, OffsetDateTime.class);
    return value == null ? null : value.toInstant();
  }

  /**
   * Ends the session that has this pid <em>and</em> began at this time, both looked at in the
   * statement that signals: a reused pid is never hit.
   *
   * @param backendStart to the microsecond, as listed
   * @param wait how long its end is awaited
   */
  public TerminateResult terminate(
      PostgresSession session, int pid, Instant backendStart, Duration wait) {
    long deadline = System.nanoTime() + wait.toNanos();
    boolean signalled = false;
    while (true) {
      Duration left = Duration.ofNanos(deadline - System.nanoTime());
      Duration slice = left.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : left;
      TerminateResult result = terminateOnce(session, pid, backendStart, slice);
      if (result == TerminateResult.ALREADY_GONE && signalled) {
        return TerminateResult.TERMINATED;
      }
      if (result != TerminateResult.STILL_RUNNING || System.nanoTime() >= deadline) {
        return result;
      }
      signalled = true;
    }
  }

  private static TerminateResult terminateOnce(
      PostgresSession session, int pid, Instant backendStart, Duration wait) {
    // a timeout of 0 would answer true for "signalled", not for "ended"
    long millis = Math.max(1, wait.toMillis());
    Optional<Boolean> ended;
    try {
      ended = session.queryOne(TERMINATE, row -> row.getBoolean(1), millis, pid, backendStart);
    } catch (PgsealException e) {
      if (e.type() == ProblemType.PRIVILEGE_MISSING) {
        return TerminateResult.NOT_PERMITTED;
      }
      throw e;
    }
    if (ended.isEmpty()) {
      return TerminateResult.ALREADY_GONE;
    }
    return ended.get() ? TerminateResult.TERMINATED : TerminateResult.STILL_RUNNING;
  }
}
