package dev.pgseal.store;

import dev.pgseal.tls.CertificateRecord;
import dev.pgseal.tls.CertificateRecordStore;
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
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    """
                    insert into certificate (id, authority, server_id, serial, fingerprint,
                      subject_names, not_before, not_after, pem, created_at)
                    values (:id, :authority, :server, :serial, :fingerprint,
                      cast(:names as jsonb), :notBefore, :notAfter, :pem, :createdAt)
                    """)
                .bind("id", certificate.id())
                .bind("authority", certificate.authority())
                .bind("server", certificate.serverId())
                .bind("serial", certificate.serial())
                .bind("fingerprint", certificate.fingerprint())
                .bind("names", Columns.json(certificate.subjectNames()))
                .bind("notBefore", Columns.timestamp(certificate.notBefore()))
                .bind("notAfter", Columns.timestamp(certificate.notAfter()))
                .bind("pem", certificate.pem())
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
  public List<CertificateRecord> list(@Nullable UUID serverId, @Nullable UUID beforeId, int limit) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select * from certificate
                    where (cast(:server as uuid) is null or server_id = :server)
                      and (cast(:before as uuid) is null or (created_at, id)
                        < (select b.created_at, b.id from certificate b where b.id = :before))
                    order by created_at desc, id desc limit :limit
                    """)
                .bind("server", serverId)
                .bind("before", beforeId)
                .bind("limit", limit)
                .map(JdbiCertificateRecordStore::certificate)
                .list());
  }

  private static CertificateRecord certificate(ResultSet row, StatementContext context)
      throws SQLException {
    return new CertificateRecord(
        Columns.uuid(row, "id"),
        row.getString("authority"),
        row.getObject("server_id", UUID.class),
        row.getString("serial"),
        row.getString("fingerprint"),
        Columns.json(row, "subject_names", Columns.STRINGS),
        Columns.instant(row, "not_before"),
        Columns.instant(row, "not_after"),
        row.getString("pem"),
        Columns.instant(row, "created_at"));
  }
}
