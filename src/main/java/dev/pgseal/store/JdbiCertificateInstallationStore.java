package dev.pgseal.store;

import dev.pgseal.issuing.CertificateInstallation;
import dev.pgseal.issuing.CertificateInstallationStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementContext;

/** What was put onto which server, in the control database. */
@ApplicationScoped
class JdbiCertificateInstallationStore implements CertificateInstallationStore {

  private final Jdbi jdbi;

  JdbiCertificateInstallationStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  @Override
  public void insert(CertificateInstallation installation) {
    jdbi.useTransaction(
        handle ->
            handle
                .createUpdate(
                    """
                    insert into certificate_installation
                      (certificate_id, server_id, generation, directory, installed_at)
                    values (:certificate, :server, :generation, :directory, :installedAt)
                    """)
                .bind("certificate", installation.certificateId())
                .bind("server", installation.serverId())
                .bind("generation", installation.generation())
                .bind("directory", installation.directory())
                .bind("installedAt", Columns.timestamp(installation.installedAt()))
                .execute());
  }

  @Override
  public void keepOnly(UUID serverId, Set<String> generations) {
    jdbi.useTransaction(
        handle ->
            handle
                .createUpdate(
                    """
                    delete from certificate_installation
                    where server_id = :server and generation <> all (:kept)
                    """)
                .bind("server", serverId)
                .bindArray("kept", String.class, generations)
                .execute());
  }

  @Override
  public List<CertificateInstallation> of(Collection<UUID> certificateIds) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select i.*, s.name as server, seen.observed_at,
                      seen.fingerprint = c.fingerprint as served
                    from certificate_installation i
                    join certificate c on c.id = i.certificate_id
                    join server s on s.id = i.server_id
                    left join served_certificate seen on seen.server_id = i.server_id
                    where i.certificate_id = any (:certificates)
                    order by i.installed_at desc, i.generation desc
                    """)
                .bindArray("certificates", UUID.class, certificateIds)
                .map(JdbiCertificateInstallationStore::installation)
                .list());
  }

  private static CertificateInstallation installation(ResultSet row, StatementContext context)
      throws SQLException {
    return new CertificateInstallation(
        Columns.uuid(row, "certificate_id"),
        Columns.uuid(row, "server_id"),
        row.getString("server"),
        row.getString("generation"),
        row.getString("directory"),
        Columns.instant(row, "installed_at"),
        row.getObject("served", Boolean.class),
        Columns.instantOrNull(row, "observed_at"));
  }
}
