package dev.pgseal.store;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.tls.RenewalStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Renewals and what servers serve, in the control database. */
@ApplicationScoped
class JdbiRenewalStore implements RenewalStore {

  private static final String OBSERVATIONS =
      "select o.*, s.name as server from served_certificate o join server s on s.id = o.server_id ";

  private final Jdbi jdbi;

  JdbiRenewalStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  @Override
  public Optional<Renewal> find(UUID serverId) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select * from renewal where server_id = :server")
                .bind("server", serverId)
                .map(JdbiRenewalStore::renewal)
                .findOne());
  }

  @Override
  public List<Renewal> list() {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select * from renewal order by server_id")
                .map(JdbiRenewalStore::renewal)
                .list());
  }

  @Override
  public void installed(
      UUID serverId, @Nullable String authority, String keyType, Duration validity) {
    jdbi.useTransaction(
        handle ->
            handle
                .createUpdate(
                    """
                    insert into renewal (server_id, authority, key_type, validity_seconds)
                    values (:server, :authority, :keyType, :validity)
                    on conflict (server_id) do update set authority = excluded.authority,
                      key_type = excluded.key_type, validity_seconds = excluded.validity_seconds,
                      failures = 0, last_problem = null, next_attempt_at = null
                    """)
                .bind("server", serverId)
                .bind("authority", authority)
                .bind("keyType", keyType)
                .bind("validity", validity.toSeconds())
                .execute());
  }

  @Override
  public Renewal setPolicy(
      UUID serverId, boolean enabled, double renewAt, @Nullable Duration validity) {
    return jdbi.inTransaction(
        handle ->
            handle
                .createQuery(
                    """
                    update renewal set enabled = :enabled, renew_at = :renewAt,
                      validity_seconds = coalesce(cast(:validity as bigint), validity_seconds)
                    where server_id = :server returning *
                    """)
                .bind("enabled", enabled)
                .bind("renewAt", renewAt)
                .bind("validity", validity == null ? null : validity.toSeconds())
                .bind("server", serverId)
                .map(JdbiRenewalStore::renewal)
                .findOne()
                .orElseThrow(
                    () ->
                        new PgsealException(
                                ProblemType.NOT_FOUND,
                                "pgseal has installed no certificate on this server")
                            .hint("POST /v1/servers/{server}/certificates installs one")));
  }

  @Override
  public void started(UUID serverId, UUID jobId, Instant at) {
    update(
        "update renewal set job_id = :job, last_attempt_at = :at where server_id = :server",
        serverId,
        at,
        jobId,
        null,
        null);
  }

  @Override
  public void succeeded(UUID serverId, Instant at) {
    update(
        """
        update renewal set failures = 0, last_problem = null, next_attempt_at = null,
          last_renewed_at = :at where server_id = :server
        """,
        serverId,
        at,
        null,
        null,
        null);
  }

  @Override
  public void failed(UUID serverId, String problem, Instant at, Instant nextAttemptAt) {
    update(
        """
        update renewal set failures = failures + 1, failures_total = failures_total + 1,
          last_problem = :problem, last_attempt_at = :at, next_attempt_at = :next
        where server_id = :server
        """,
        serverId,
        at,
        null,
        problem,
        nextAttemptAt);
  }

  private void update(
      String sql,
      UUID serverId,
      Instant at,
      @Nullable UUID job,
      @Nullable String problem,
      @Nullable Instant next) {
    jdbi.useTransaction(
        handle -> {
          var update =
              handle.createUpdate(sql).bind("server", serverId).bind("at", Columns.timestamp(at));
          if (job != null) {
            update.bind("job", job);
          }
          if (problem != null) {
            update.bind("problem", problem).bind("next", Columns.timestamp(next));
          }
          update.execute();
        });
  }

  @Override
  public void observed(Observed observed) {
    jdbi.useTransaction(
        handle ->
            handle
                .createUpdate(
                    """
                    insert into served_certificate
                      (server_id, fingerprint, issuer, not_before, not_after, observed_at)
                    select id, :fingerprint, :issuer, :notBefore, :notAfter, :observedAt
                    from server where id = :server
                    on conflict (server_id) do update set fingerprint = excluded.fingerprint,
                      issuer = excluded.issuer, not_before = excluded.not_before,
                      not_after = excluded.not_after, observed_at = excluded.observed_at
                    """)
                .bind("server", observed.serverId())
                .bind("fingerprint", observed.fingerprint())
                .bind("issuer", observed.issuer())
                .bind("notBefore", Columns.timestamp(observed.notBefore()))
                .bind("notAfter", Columns.timestamp(observed.notAfter()))
                .bind("observedAt", Columns.timestamp(observed.observedAt()))
                .execute());
  }

  @Override
  public void forget(UUID serverId) {
    jdbi.useTransaction(
        handle -> handle.execute("delete from served_certificate where server_id = ?", serverId));
  }

  @Override
  public Optional<Observed> observed(UUID serverId) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(OBSERVATIONS + "where o.server_id = :server")
                .bind("server", serverId)
                .map(JdbiRenewalStore::observation)
                .findOne());
  }

  @Override
  public List<Observed> observations() {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(OBSERVATIONS + "order by s.name")
                .map(JdbiRenewalStore::observation)
                .list());
  }

  private static Observed observation(ResultSet row, StatementContext context) throws SQLException {
    return new Observed(
        Columns.uuid(row, "server_id"),
        row.getString("server"),
        row.getString("fingerprint"),
        row.getString("issuer"),
        Columns.instant(row, "not_before"),
        Columns.instant(row, "not_after"),
        Columns.instant(row, "observed_at"));
  }

  private static Renewal renewal(ResultSet row, StatementContext context) throws SQLException {
    return new Renewal(
        Columns.uuid(row, "server_id"),
        row.getBoolean("enabled"),
        row.getDouble("renew_at"),
        row.getString("authority"),
        row.getString("key_type"),
        Duration.ofSeconds(row.getLong("validity_seconds")),
        row.getInt("failures"),
        row.getLong("failures_total"),
        row.getString("last_problem"),
        Columns.instantOrNull(row, "last_attempt_at"),
        Columns.instantOrNull(row, "last_renewed_at"),
        Columns.instantOrNull(row, "next_attempt_at"),
        row.getObject("job_id", UUID.class));
  }
}
