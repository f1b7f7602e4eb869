package dev.pgseal.store;

import dev.pgseal.certificate.RevocationReason;
import dev.pgseal.issuing.CertificatePurpose;
import dev.pgseal.issuing.CertificateQuery;
import dev.pgseal.issuing.CertificateRecord;
import dev.pgseal.issuing.CertificateRecordStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Issued and installed certificates in the control database. */
@ApplicationScoped
class JdbiCertificateRecordStore implements CertificateRecordStore {

  private final Jdbi jdbi;

  JdbiCertificateRecordStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  @Override
  public void insert(CertificateRecord certificate) {
    jdbi.useTransaction(
        handle ->
            handle
                .createUpdate(
                    """
                    insert into certificate (id, purpose, authority, server_id, serial, fingerprint,
                      subject, subject_names, not_before, not_after, pem, requested_by, revoked_at,
                      revocation_reason, created_at)
                    values (:id, :purpose, :authority, :server, :serial, :fingerprint,
                      :subject, cast(:names as jsonb), :notBefore, :notAfter, :pem, :requestedBy,
                      :revokedAt, :reason, :createdAt)
                    """)
                .bind("id", certificate.id())
                .bind("purpose", certificate.purpose().name())
                .bind("authority", certificate.authority())
                .bind("server", certificate.serverId())
                .bind("serial", certificate.serial())
                .bind("fingerprint", certificate.fingerprint())
                .bind("subject", certificate.subject())
                .bind("names", Columns.json(certificate.subjectNames()))
                .bind("notBefore", Columns.timestamp(certificate.notBefore()))
                .bind("notAfter", Columns.timestamp(certificate.notAfter()))
                .bind("pem", certificate.pem())
                .bind("requestedBy", certificate.requestedBy())
                .bind("revokedAt", Columns.timestamp(certificate.revokedAt()))
                .bind(
                    "reason",
                    certificate.revocationReason() == null
                        ? null
                        : certificate.revocationReason().name())
                .bind("createdAt", Columns.timestamp(certificate.createdAt()))
                .execute());
  }

  @Override
  public Optional<CertificateRecord> find(UUID id) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select * from certificate where id = :id")
                .bind("id", id)
                .map(JdbiCertificateRecordStore::certificate)
                .findOne());
  }

  @Override
  public Optional<CertificateRecord> findByFingerprint(String fingerprint) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select * from certificate where fingerprint = :fingerprint
                    order by created_at desc, id desc limit 1
                    """)
                .bind("fingerprint", fingerprint)
                .map(JdbiCertificateRecordStore::certificate)
                .findOne());
  }

  @Override
  public List<CertificateRecord> list(CertificateQuery query, @Nullable UUID beforeId, int limit) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select c.* from certificate c
                    where (cast(:authority as text) is null or c.authority = :authority)
                      and (cast(:server as uuid) is null or c.server_id = :server
                        or exists (select from certificate_installation i
                          where i.certificate_id = c.id and i.server_id = :server))
                      and (cast(:labels as jsonb) = '{}' or exists (select from server s
                        where s.labels @> cast(:labels as jsonb)
                          and (s.id = c.server_id
                            or exists (select from certificate_installation i
                              where i.certificate_id = c.id and i.server_id = s.id))))
                      and (cast(:expiring as timestamptz) is null or c.not_after < :expiring)
                      and (cast(:before as uuid) is null or (c.created_at, c.id)
                        < (select b.created_at, b.id from certificate b where b.id = :before))
                    order by c.created_at desc, c.id desc limit :limit
                    """)
                .bind("authority", query.authority())
                .bind("server", query.serverId())
                .bind("labels", Columns.json(query.serverLabels()))
                .bind("expiring", Columns.timestamp(query.expiringBefore()))
                .bind("before", beforeId)
                .bind("limit", limit)
                .map(JdbiCertificateRecordStore::certificate)
                .list());
  }

  private static CertificateRecord certificate(ResultSet row, StatementContext context)
      throws SQLException {
    String reason = row.getString("revocation_reason");
    return new CertificateRecord(
        Columns.uuid(row, "id"),
        CertificatePurpose.valueOf(row.getString("purpose")),
        row.getString("authority"),
        row.getObject("server_id", UUID.class),
        row.getString("serial"),
        row.getString("fingerprint"),
        row.getString("subject"),
        Columns.json(row, "subject_names", Columns.STRINGS),
        Columns.instant(row, "not_before"),
        Columns.instant(row, "not_after"),
        row.getString("pem"),
        row.getString("requested_by"),
        Columns.instantOrNull(row, "revoked_at"),
        reason == null ? null : RevocationReason.valueOf(reason),
        Columns.instant(row, "created_at"));
  }
}
