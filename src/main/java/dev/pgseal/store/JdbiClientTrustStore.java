package dev.pgseal.store;

import dev.pgseal.tls.ClientTrustStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Which servers take whose client certificates, in the control database. */
@ApplicationScoped
class JdbiClientTrustStore implements ClientTrustStore {

  private final Jdbi jdbi;

  JdbiClientTrustStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  @Override
  public void set(UUID serverId, String authority) {
    jdbi.useTransaction(
        handle ->
            handle
                .createUpdate(
                    """
                    insert into client_trust (server_id, authority) values (:server, :authority)
                    on conflict (server_id) do update
                    set authority = excluded.authority, crl_sha256 = null,
                      attempted_at = null, since = now()
                    """)
                .bind("server", serverId)
                .bind("authority", authority)
                .execute());
  }

  @Override
  public void remove(UUID serverId) {
    jdbi.useTransaction(
        handle -> handle.execute("delete from client_trust where server_id = ?", serverId));
  }

  @Override
  public Optional<ClientTrust> find(UUID serverId) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select * from client_trust where server_id = :server")
                .bind("server", serverId)
                .map(JdbiClientTrustStore::trust)
                .findOne());
  }

  @Override
  public List<ClientTrust> ofAuthority(String authority) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select * from client_trust where authority = :authority order by server_id")
                .bind("authority", authority)
                .map(JdbiClientTrustStore::trust)
                .list());
  }

  @Override
  public List<ClientTrust> list() {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select * from client_trust order by server_id")
                .map(JdbiClientTrustStore::trust)
                .list());
  }

  @Override
  public void proved(UUID serverId, @Nullable String listsSha256) {
    jdbi.useTransaction(
        handle ->
            handle
                .createUpdate("update client_trust set crl_sha256 = :sha where server_id = :server")
                .bind("sha", listsSha256)
                .bind("server", serverId)
                .execute());
  }

  @Override
  public void attempted(UUID serverId, Instant at) {
    jdbi.useTransaction(
        handle ->
            handle.execute(
                "update client_trust set attempted_at = ? where server_id = ?",
                Columns.timestamp(at),
                serverId));
  }

  private static ClientTrust trust(ResultSet row, StatementContext context) throws SQLException {
    return new ClientTrust(
        Columns.uuid(row, "server_id"),
        row.getString("authority"),
        row.getString("crl_sha256"),
        Columns.instantOrNull(row, "attempted_at"));
  }
}
