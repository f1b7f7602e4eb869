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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
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

  private static final String WANTED =
      """
      FROM unnest(?::text[]::int[], ?::text[]::timestamptz[]) AS wanted(pid, backend_start)
      JOIN pg_stat_activity a USING (pid, backend_start)
      """;

  /**
   * Who may be ended is what {@code signalfuncs.c: pg_signal_backend} says, and is found out
   * before: one error would end all. Then each session is looked at anew and signalled at once,
   * before the next is looked at. {@code pg_stat_get_activity} reads a copy of all sessions that is
   * made once in a transaction ({@code backend_status.c: pgstat_read_current_status}), so the copy
   * is thrown away before each. That costs 25 µs for each of 100 sessions and 45 µs for each of
   * 800, a tenth of what the signals take: whoever is ended wants the processor in order to end. So
   * sessions that shared a copy would be signalled half a millisecond apart, and the later ones
   * long after they were looked at. {@code OFFSET 0} keeps the planner from moving that; {@code
   * c.pid} makes the look depend on it, so only a nested loop can run the two, in this order.
   */
  static final String SIGNAL_ALL =
      """
      WITH wanted AS MATERIALIZED (
        SELECT a.pid, a.backend_start,
               me.rolsuper OR (NOT coalesce(r.rolsuper, true)
                               AND (pg_has_role(a.usesysid, 'USAGE')
                                    OR pg_has_role('pg_signal_backend', 'USAGE'))) AS permitted
      """
          + WANTED
          + """
            LEFT JOIN pg_roles r ON r.oid = a.usesysid
            CROSS JOIN (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) me)
          SELECT a.pid, a.backend_start,
                 CASE WHEN w.permitted THEN pg_terminate_backend(a.pid) END AS signalled,
                 extract(epoch FROM clock_timestamp() - a.xact_start) AS transaction_age
            FROM wanted w
           CROSS JOIN LATERAL (SELECT w.pid, pg_stat_clear_snapshot() OFFSET 0) c
           CROSS JOIN LATERAL pg_stat_get_activity(c.pid) a
           WHERE a.backend_start = w.backend_start
             AND (NOT ?::boolean OR a.state = 'idle')
          """;

  private static final String STILL_THERE = "SELECT a.pid, a.backend_start " + WANTED;

  /** An idle session ends within some milliseconds of its signal. */
  private static final Duration FIRST_LOOK = Duration.ofMillis(1);

  private static final Duration LONGEST_BETWEEN_LOOKS = Duration.ofMillis(50);

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

  /** Names one session for good: a pid is used again. */
  public record SessionKey(int pid, Instant backendStart) {}

  /**
   * What became of one session of {@link #terminateAll}.
   *
   * @param transactionAge how long it had been in a transaction, as the statement saw it that ended
   *     it; null when it was in none
   */
  public record Terminated(
      SessionKey session, TerminateResult result, @Nullable Duration transactionAge) {}

  /**
   * Ends many sessions in one statement, which looks at pid, {@code backend_start} and state of
   * each immediately before it signals that one, and waits for their ends together.
   *
   * <p>PostgreSQL has no "end it if it is idle". So a client whose {@code BEGIN} arrives between
   * the look and the signal, some ten microseconds unless our own process loses the processor just
   * then, loses that transaction ({@link Terminated#transactionAge} does not know of it).
   *
   * @param onlyIdle leaves those alone that are not {@code idle} at that look
   * @param wait for all of them
   * @return those that were signalled or may not be; a session that was gone, or left alone, is not
   *     among them
   */
  public List<Terminated> terminateAll(
      PostgresSession session, List<SessionKey> keys, boolean onlyIdle, Duration wait) {
    List<Terminated> signalled =
        keys.isEmpty()
            ? List.of()
            : session.query(
                SIGNAL_ALL, ServerConnections::terminated, pids(keys), starts(keys), onlyIdle);
    Set<SessionKey> left = signalledOf(signalled);
    awaitEnds(session, left, wait);
    return signalled.stream()
        .map(
            t ->
                left.contains(t.session())
                    ? new Terminated(t.session(), TerminateResult.STILL_RUNNING, t.transactionAge())
                    : t)
        .toList();
  }

  /** Removes those that have ended. */
  private static void awaitEnds(PostgresSession session, Set<SessionKey> left, Duration wait) {
    long deadline = System.nanoTime() + wait.toNanos();
    long pause = FIRST_LOOK.toNanos();
    while (!left.isEmpty() && System.nanoTime() < deadline) {
      LockSupport.parkNanos(pause);
      pause = Math.min(2 * pause, LONGEST_BETWEEN_LOOKS.toNanos());
      left.retainAll(stillThere(session, List.copyOf(left)));
    }
  }

  private static Set<SessionKey> signalledOf(List<Terminated> all) {
    Set<SessionKey> signalled = new LinkedHashSet<>();
    all.stream()
        .filter(t -> t.result() == TerminateResult.TERMINATED)
        .forEach(t -> signalled.add(t.session()));
    return signalled;
  }

  private static Terminated terminated(ResultSet row) throws SQLException {
    BigDecimal age = row.getBigDecimal("transaction_age");
    boolean forbidden = row.getObject("signalled") == null;
    return new Terminated(
        key(row),
        forbidden ? TerminateResult.NOT_PERMITTED : TerminateResult.TERMINATED,
        age == null ? null : Duration.ofMillis(age.movePointRight(3).longValue()));
  }

  private static List<SessionKey> stillThere(PostgresSession session, List<SessionKey> keys) {
    return session.query(STILL_THERE, ServerConnections::key, pids(keys), starts(keys));
  }

  private static SessionKey key(ResultSet row) throws SQLException {
    return new SessionKey(
        row.getInt("pid"), row.getObject("backend_start", OffsetDateTime.class).toInstant());
  }

  private static String[] pids(List<SessionKey> keys) {
    return keys.stream().map(key -> String.valueOf(key.pid())).toArray(String[]::new);
  }

  private static String[] starts(List<SessionKey> keys) {
    return keys.stream().map(key -> key.backendStart().toString()).toArray(String[]::new);
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
