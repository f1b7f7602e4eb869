package dev.pgseal.store;

import dev.pgseal.idempotency.IdempotencyStore;
import dev.pgseal.idempotency.KeptRequest;
import dev.pgseal.idempotency.RequestKey;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementContext;

/** Requests with a key as rows of {@code idempotent_request}. */
@ApplicationScoped
class JdbiIdempotencyStore implements IdempotencyStore {

  /** Between the two statements of a claim the row of before may go. */
  private static final int ATTEMPTS = 5;

  private final Jdbi jdbi;

  JdbiIdempotencyStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  @Override
  public Optional<KeptRequest> claim(
      RequestKey key, UUID claim, byte[] fingerprint, Duration lease, Duration keepFor) {
    return jdbi.withHandle(
        handle -> {
          for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            if (take(handle, key, claim, fingerprint, lease, keepFor)) {
              return Optional.empty();
            }
            Optional<KeptRequest> before = find(handle, key);
            if (before.isPresent()) {
              return before;
            }
          }
          throw new IllegalStateException("The key of " + key.caller() + " comes and goes");
        });
  }

  private static boolean take(
      Handle handle,
      RequestKey key,
      UUID claim,
      byte[] fingerprint,
      Duration lease,
      Duration keepFor) {
    return handle
            .createUpdate(
                """
                insert into idempotent_request as r
                  (caller, key, claim, fingerprint, lease_until, expires_at)
                values (:caller, :key, :claim, :fingerprint,
                  clock_timestamp() + make_interval(secs => :lease),
                  clock_timestamp() + make_interval(secs => :keep))
                on conflict (caller, key) do update set claim = excluded.claim,
                  fingerprint = excluded.fingerprint, lease_until = excluded.lease_until,
                  answer = null, expires_at = excluded.expires_at
                where r.expires_at <= clock_timestamp()
                  and (r.lease_until is null or r.lease_until <= clock_timestamp())
                """)
            .bind("caller", key.caller())
            .bind("key", key.key())
            .bind("claim", claim)
            .bind("fingerprint", fingerprint)
            .bind("lease", lease.toSeconds())
            .bind("keep", keepFor.toSeconds())
            .execute()
        == 1;
  }

  private static Optional<KeptRequest> find(Handle handle, RequestKey key) {
    return handle
        .createQuery(
            """
            select claim, fingerprint, answer,
              coalesce(lease_until > clock_timestamp(), false) as running
            from idempotent_request where caller = :caller and key = :key
            """)
        .bind("caller", key.caller())
        .bind("key", key.key())
        .map(JdbiIdempotencyStore::kept)
        .findOne();
  }

  private static KeptRequest kept(ResultSet row, StatementContext context) throws SQLException {
    return new KeptRequest(
        Columns.uuid(row, "claim"),
        row.getBytes("fingerprint"),
        row.getBoolean("running"),
        row.getBytes("answer"));
  }

  @Override
  public void renew(Collection<UUID> claims, Duration lease) {
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    """
                    update idempotent_request
                    set lease_until = clock_timestamp() + make_interval(secs => :lease)
                    where claim = any(:claims) and answer is null
                    """)
                .bindArray("claims", UUID.class, claims)
                .bind("lease", lease.toSeconds())
                .execute());
  }

  @Override
  public boolean answer(UUID claim, byte[] answer) {
    return jdbi.withHandle(
            handle ->
                handle
                    .createUpdate(
                        """
                        update idempotent_request set answer = :answer, lease_until = null
                        where claim = :claim
                        """)
                    .bind("answer", answer)
                    .bind("claim", claim)
                    .execute())
        == 1;
  }

  @Override
  public void release(UUID claim) {
    jdbi.useHandle(
        handle ->
            handle.execute(
                "delete from idempotent_request where claim = ? and answer is null", claim));
  }

  @Override
  public int deleteExpired() {
    return jdbi.withHandle(
        handle ->
            handle.execute(
                """
                delete from idempotent_request where expires_at <= clock_timestamp()
                  and (lease_until is null or lease_until <= clock_timestamp())
                """));
  }
}
