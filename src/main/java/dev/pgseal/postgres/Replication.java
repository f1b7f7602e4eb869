package dev.pgseal.postgres;

import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Both ends of streaming replication, as the server we are connected to sees them. */
@ApplicationScoped
public class Replication {

  private static final String WALSENDERS =
      """
      SELECT r.pid, r.backend_start, r.usename, r.application_name,
             host(r.client_addr) AS client_addr, a.datid IS NULL AS physical, o.slot_name,
             r.state, r.sync_state,
             CASE WHEN r.client_port IS NULL THEN 'unknown'
                  WHEN r.client_addr IS NULL THEN 'local'
                  WHEN coalesce(s.ssl, false) THEN 'tls'
                  WHEN coalesce(g.encrypted, false) THEN 'gss'
                  ELSE 'plaintext' END AS encryption
        FROM pg_stat_replication r
        JOIN pg_stat_activity a USING (pid)
        LEFT JOIN pg_replication_slots o ON o.active_pid = r.pid
        LEFT JOIN pg_stat_ssl s USING (pid)
        LEFT JOIN pg_stat_gssapi g USING (pid)
       ORDER BY r.application_name, r.pid
      """;

  private static final String RECEIVER =
      """
      SELECT pid, status, sender_host, sender_port, slot_name, conninfo
        FROM pg_stat_wal_receiver WHERE pid IS NOT NULL
      """;

  /** Who streams from this server. */
  public List<Walsender> walsenders(PostgresSession session) {
    return session.query(WALSENDERS, Replication::walsender);
  }

  private static Walsender walsender(ResultSet row) throws SQLException {
    OffsetDateTime start = row.getObject("backend_start", OffsetDateTime.class);
    return new Walsender(
        row.getInt("pid"),
        start == null ? null : start.toInstant(),
        row.getString("usename"),
        row.getString("application_name"),
        row.getString("client_addr"),
        row.getBoolean("physical"),
        row.getString("slot_name"),
        row.getString("state"),
        row.getString("sync_state"),
        Encryption.valueOf(row.getString("encryption").toUpperCase(Locale.ROOT)));
  }

  /** How this standby receives; empty on a primary and while the receiver is not running. */
  public Optional<WalReceiver> walReceiver(PostgresSession session) {
    return session.queryOne(
        RECEIVER,
        row ->
            new WalReceiver(
                row.getInt("pid"),
                row.getString("status"),
                row.getString("sender_host"),
                row.getObject("sender_port", Integer.class),
                row.getString("slot_name"),
                row.getString("conninfo")));
  }

  /** Slots for standbys that nobody uses now: a standby that is away. */
  public List<String> idleSlots(PostgresSession session) {
    return session.query(
        "SELECT slot_name FROM pg_replication_slots"
            + " WHERE slot_type = 'physical' AND NOT active ORDER BY 1",
        row -> row.getString(1));
  }

  /** {@code synchronous_standby_names}; empty when no standby is waited for. */
  public String synchronousStandbyNames(PostgresSession session) {
    return session
        .queryOne("SELECT current_setting('synchronous_standby_names')", row -> row.getString(1))
        .orElse("");
  }

  /**
   * The setting {@code primary_conninfo}; empty when it is not set. It may hold a password: treat
   * it as a secret, and write it only in a quiet session.
   */
  public Optional<String> primaryConninfo(PostgresSession session) {
    return session
        .queryOne("SELECT current_setting('primary_conninfo')", row -> row.getString(1))
        .filter(value -> !value.isEmpty());
  }
}
