package dev.pgseal.store;

import dev.pgseal.audit.AuditEntry;
import dev.pgseal.audit.AuditLog;
import dev.pgseal.audit.AuditQuery;
import dev.pgseal.audit.ChainCheck;
import dev.pgseal.security.Secrets;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.Query;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** The audit log in the control database; {@code V5__audit.sql} has the part that writes. */
@ApplicationScoped
class JdbiAuditLog implements AuditLog {

  /** As {@code audit_append} writes times. */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

  private static final String MATCHING =
      """
      select number, entry, hash from audit_entry
      where (cast(:actor as text) is null or actor = :actor)
        and (cast(:action as text) is null or action = :action
          or starts_with(action, :action || '.'))
        and (cast(:resource as text) is null or resource = :resource
          or starts_with(resource, :resource || '/'))
        and (cast(:server as text) is null or server = :server)
        and (cast(:requestId as text) is null or request_id = :requestId)
        and (cast(:job as text) is null or job = :job)
        and (cast(:since as text) is null or time >= :since)
        and (cast(:until as text) is null or time < :until)
      """;

  private final Jdbi jdbi;
  private final Secrets secrets;

  JdbiAuditLog(Jdbi jdbi, Secrets secrets) {
    this.jdbi = jdbi;
    this.secrets = secrets;
  }

  @Override
  public void record(
      String action,
      String resource,
      @Nullable String server,
      @Nullable Map<String, Object> before,
      @Nullable Map<String, Object> after) {
    jdbi.useTransaction(
        handle ->
            handle
                .createQuery(
                    """
                    select audit_append(:action, :resource, :server, cast(:before as jsonb),
                      cast(:after as jsonb))
                    """)
                .bind("action", action)
                .bind("resource", resource)
                .bind("server", server)
                .bind("before", before == null ? null : Columns.json(before))
                .bind("after", after == null ? null : Columns.json(after))
                .mapTo(Long.class)
                .one());
  }

  @Override
  public List<AuditEntry> newest(AuditQuery query, @Nullable Long beforeNumber, int limit) {
    return jdbi.withHandle(
        handle ->
            matching(handle, query, " and number < :from order by number desc limit :limit")
                .bind("from", beforeNumber == null ? Long.MAX_VALUE : beforeNumber)
                .bind("limit", limit)
                .map(JdbiAuditLog::entry)
                .list());
  }

  @Override
  public List<AuditEntry> oldest(AuditQuery query, long afterNumber, int limit) {
    return jdbi.withHandle(
        handle ->
            matching(handle, query, " and number > :from order by number limit :limit")
                .bind("from", afterNumber)
                .bind("limit", limit)
                .map(JdbiAuditLog::entry)
                .list());
  }

  private static Query matching(Handle handle, AuditQuery query, String rest) {
    return handle
        .createQuery(MATCHING + rest)
        .bind("actor", query.actor())
        .bind("action", query.action())
        .bind("resource", query.resource())
        .bind("server", query.server())
        .bind("requestId", query.requestId())
        .bind("job", query.job())
        .bind("since", query.since() == null ? null : TIME.format(query.since()))
        .bind("until", query.until() == null ? null : TIME.format(query.until()));
  }

  @Override
  public ChainCheck check() {
    return jdbi.withHandle(handle -> new ChainReader(handle, secrets).read());
  }

  @Override
  public void seal() {
    jdbi.useTransaction(handle -> AuditSeals.seal(handle, secrets));
  }

  private static AuditEntry entry(ResultSet row, StatementContext context) throws SQLException {
    Map<String, Object> entry = Columns.json(row, "entry", Columns.OBJECT);
    return new AuditEntry(
        row.getLong("number"),
        Instant.parse(required(entry, "time")),
        required(entry, "actor"),
        optional(entry, "origin"),
        optional(entry, "requestId"),
        optional(entry, "job"),
        required(entry, "action"),
        required(entry, "resource"),
        optional(entry, "server"),
        object(entry, "before"),
        object(entry, "after"),
        HexFormat.of().formatHex(row.getBytes("hash")));
  }

  private static String required(Map<String, Object> entry, String field) {
    return (String) entry.get(field);
  }

  private static @Nullable String optional(Map<String, Object> entry, String field) {
    return (String) entry.get(field);
  }

  @SuppressWarnings("unchecked") // audit_append makes no other
  private static @Nullable Map<String, Object> object(Map<String, Object> entry, String field) {
    return (Map<String, Object>) entry.get(field);
  }
}
