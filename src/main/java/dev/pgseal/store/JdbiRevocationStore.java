package dev.pgseal.store;

import dev.pgseal.certificate.RevocationReason;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Secrets;
import dev.pgseal.tls.RevocationStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementContext;

/** Revocations and CRLs in the control database. */
@ApplicationScoped
class JdbiRevocationStore implements RevocationStore {

  private final Jdbi jdbi;
  private final Secrets secrets;

  JdbiRevocationStore(Jdbi jdbi, Secrets secrets) {
    this.jdbi = jdbi;
    this.secrets = secrets;
  }

  @Override
  public boolean revoke(Revocation revocation) {
    return jdbi.inTransaction(
        handle -> {
          handle
              .createUpdate(
                  """
                  update certificate set revoked_at = :at, revocation_reason = :reason
                  where id = :id and revoked_at is null
                  """)
              .bind("at", Columns.timestamp(revocation.revokedAt()))
              .bind("reason", revocation.reason().name())
              .bind("id", revocation.certificateId())
              .execute();
          return handle
                  .createUpdate(
                      """
                        insert into revoked_certificate (authority, issuer, serial, certificate_id,
                          not_after, revoked_at, reason, revoked_by)
                        values (:authority, :issuer, :serial, :certificate,
                          :notAfter, :revokedAt, :reason, :revokedBy)
                        on conflict do nothing
                        """)
                  .bind("authority", revocation.authority())
                  .bind("issuer", revocation.issuer())
                  .bind("serial", revocation.serial())
                  .bind("certificate", revocation.certificateId())
                  .bind("notAfter", Columns.timestamp(revocation.notAfter()))
                  .bind("revokedAt", Columns.timestamp(revocation.revokedAt()))
                  .bind("reason", revocation.reason().name())
                  .bind("revokedBy", revocation.revokedBy())
                  .execute()
              == 1;
        });
  }

  @Override
  public Optional<Revocation> find(UUID certificateId) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select * from revoked_certificate where certificate_id = :id")
                .bind("id", certificateId)
                .map(JdbiRevocationStore::revocation)
                .findOne());
  }

  @Override
  public List<Revocation> revoked(String issuer, Instant expiringAfter) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select * from revoked_certificate
                    where issuer = :issuer and not_after > :now order by revoked_at, serial
                    """)
                .bind("issuer", issuer)
                .bind("now", Columns.timestamp(expiringAfter))
                .map(JdbiRevocationStore::revocation)
                .list());
  }

  @Override
  public boolean anyRevoked(String authority) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select exists (select from revoked_certificate where authority = :authority)")
                .bind("authority", authority)
                .mapTo(Boolean.class)
                .one());
  }

  @Override
  public List<SignedList> lists(String authority) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select * from revocation_list where authority = :authority order by number desc")
                .bind("authority", authority)
                .map(JdbiRevocationStore::list)
                .list());
  }

  @Override
  public Optional<SignedList> latest(String issuer) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select * from revocation_list where issuer = :issuer")
                .bind("issuer", issuer)
                .map(JdbiRevocationStore::list)
                .findOne());
  }

  @Override
  public boolean keep(SignedList list, byte[] canaryKey) {
    byte[] sealed = secrets.seal(canaryKey, context(list.issuer()));
    return jdbi.inTransaction(
        handle ->
            handle
                    .createUpdate(
                        """
                        insert into revocation_list as l (issuer, authority, number, der,
                          this_update, next_update, canary_chain, canary_key)
                        values (:issuer, :authority, :number, :der,
                          :thisUpdate, :nextUpdate, :canaryChain, :canaryKey)
                        on conflict (issuer) do update set number = excluded.number,
                          der = excluded.der, this_update = excluded.this_update,
                          next_update = excluded.next_update,
                          canary_chain = excluded.canary_chain, canary_key = excluded.canary_key
                        where l.number < excluded.number
                        """)
                    .bind("issuer", list.issuer())
                    .bind("authority", list.authority())
                    .bind("number", list.number())
                    .bind("der", list.der())
                    .bind("thisUpdate", Columns.timestamp(list.thisUpdate()))
                    .bind("nextUpdate", Columns.timestamp(list.nextUpdate()))
                    .bind("canaryChain", list.canaryChain())
                    .bind("canaryKey", sealed)
                    .execute()
                == 1);
  }

  @Override
  public byte[] canaryKey(String issuer) {
    byte[] sealed =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery("select canary_key from revocation_list where issuer = :issuer")
                    .bind("issuer", issuer)
                    .mapTo(byte[].class)
                    .findOne()
                    .orElseThrow(
                        () ->
                            new PgsealException(
                                ProblemType.NOT_FOUND, "There is no CRL of " + issuer)));
    return secrets.open(sealed, context(issuer));
  }

  private static String context(String issuer) {
    return "revocation-list/" + issuer + "/canary";
  }

  private static SignedList list(ResultSet row, StatementContext context) throws SQLException {
    return new SignedList(
        row.getString("issuer"),
        row.getString("authority"),
        row.getLong("number"),
        row.getBytes("der"),
        Columns.instant(row, "this_update"),
        Columns.instant(row, "next_update"),
        row.getString("canary_chain"));
  }

  private static Revocation revocation(ResultSet row, StatementContext context)
      throws SQLException {
    return new Revocation(
        row.getString("authority"),
        row.getString("issuer"),
        row.getString("serial"),
        row.getObject("certificate_id", UUID.class),
        Columns.instant(row, "not_after"),
        Columns.instant(row, "revoked_at"),
        RevocationReason.valueOf(row.getString("reason")),
        row.getString("revoked_by"));
  }
}
