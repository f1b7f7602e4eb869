package dev.pgseal.store;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Secrets;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.LoginTarget;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerStore;
import dev.pgseal.server.TlsMode;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.SqlStatement;
import org.jdbi.v3.core.statement.StatementContext;
import org.jdbi.v3.core.statement.UnableToExecuteStatementException;
import org.jspecify.annotations.Nullable;

/** Managed servers in the control database; their passwords sealed. */
@ApplicationScoped
class JdbiServerStore implements ServerStore {

  private final Jdbi jdbi;
  private final Secrets secrets;

  JdbiServerStore(Jdbi jdbi, Secrets secrets) {
    this.jdbi = jdbi;
    this.secrets = secrets;
  }

  @Override
  public void insert(ManagedServer server, String password) {
    try {
      jdbi.useTransaction(
          handle ->
              bind(
                      handle.createUpdate(
                          """
                          insert into server (id, name, host, port, database, username, password,
                            ssl_mode, ssl_root_certificate, endpoints, labels, desired_mode,
                            revision, created_at, updated_at)
                          values (:id, :name, :host, :port, :database, :username, :password,
                            :sslMode, :sslRootCertificate, cast(:endpoints as jsonb),
                            cast(:labels as jsonb), :desiredMode, :revision, :createdAt, :updatedAt)
                          """),
                      server)
                  .bind("name", server.name())
                  .bind("password", seal(server.id(), password))
                  .bind("createdAt", Columns.timestamp(server.createdAt()))
                  .bind("updatedAt", Columns.timestamp(server.updatedAt()))
                  .execute());
    } catch (UnableToExecuteStatementException e) {
      if (Violations.unique(e)) {
        throw new PgsealException(
                ProblemType.NAME_TAKEN, "There is already a server named " + server.name())
            .with("server", server.name());
      }
      throw e;
    }
  }

  @Override
  public Optional<ManagedServer> find(String name) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select * from server where name = :name")
                .bind("name", name)
                .map(JdbiServerStore::server)
                .findOne());
  }

  @Override
  public Optional<ManagedServer> find(UUID id) {
    return jdbi.withHandle(handle -> find(handle, id));
  }

  @Override
  public List<ManagedServer> list(
      Map<String, String> labels, @Nullable String afterName, int limit) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    select * from server
                    where labels @> cast(:labels as jsonb) and name > :afterName
                    order by name limit :limit
                    """)
                .bind("labels", Columns.json(labels))
                .bind("afterName", afterName == null ? "" : afterName)
                .bind("limit", limit)
                .map(JdbiServerStore::server)
                .list());
  }

  @Override
  public ManagedServer update(ManagedServer server, @Nullable String password) {
    return jdbi.inTransaction(
        handle ->
            bind(
                    handle.createQuery(
                        """
                        update server set host = :host, port = :port, database = :database,
                          username = :username, password = coalesce(:password, password),
                          ssl_mode = :sslMode, ssl_root_certificate = :sslRootCertificate,
                          endpoints = cast(:endpoints as jsonb), labels = cast(:labels as jsonb),
                          desired_mode = :desiredMode, revision = revision + 1, updated_at = now()
                        where id = :id and revision = :revision
                        returning *
                        """),
                    server)
                .bind("password", password == null ? null : seal(server.id(), password))
                .map(JdbiServerStore::server)
                .findOne()
                .orElseThrow(() -> notUpdated(handle, server)));
  }

  private static PgsealException notUpdated(Handle handle, ManagedServer server) {
    Optional<ManagedServer> stored = find(handle, server.id());
    if (stored.isEmpty()) {
      return new PgsealException(
          ProblemType.NOT_FOUND, "There is no server named " + server.name());
    }
    return new PgsealException(
            ProblemType.PRECONDITION_FAILED,
            "Server " + server.name() + " was changed by somebody else meanwhile")
        .hint("Read it again and repeat the change with the new ETag")
        .with("server", server.name())
        .with("revision", stored.get().revision());
  }

  @Override
  public void setDesiredMode(UUID id, TlsMode mode) {
    jdbi.useTransaction(handle -> setDesiredMode(handle, id, mode.name()));
  }

  static void setDesiredMode(Handle handle, UUID id, String mode) {
    handle.execute("update server set desired_mode = ? where id = ?", mode, id);
  }

  @Override
  public boolean delete(UUID id) {
    return jdbi.inTransaction(
        handle -> {
          // locks the row against a job that is being accepted for it just now
          Optional<ManagedServer> server =
              handle
                  .createQuery("select * from server where id = :id for update")
                  .bind("id", id)
                  .map(JdbiServerStore::server)
                  .findOne();
          if (server.isEmpty()) {
            return false;
          }
          Conflicts.unfinishedJob(handle, id)
              .ifPresent(
                  holder -> {
                    throw holder.conflict(server.get().name());
                  });
          return handle.execute("delete from server where id = ?", id) == 1;
        });
  }

  @Override
  public LoginTarget login(ManagedServer server) {
    byte[] sealed =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery("select password from server where id = :id")
                    .bind("id", server.id())
                    .mapTo(byte[].class)
                    .findOne()
                    .orElseThrow(
                        () ->
                            new PgsealException(
                                ProblemType.NOT_FOUND,
                                "There is no server named " + server.name())));
    byte[] password = secrets.open(sealed, context(server.id()));
    return server.login(new String(password, StandardCharsets.UTF_8));
  }

  private byte[] seal(UUID id, String password) {
    return secrets.seal(password.getBytes(StandardCharsets.UTF_8), context(id));
  }

  private static String context(UUID id) {
    return "server/" + id + "/password";
  }

  private static <S extends SqlStatement<S>> S bind(S statement, ManagedServer server) {
    return statement
        .bind("id", server.id())
        .bind("host", server.host())
        .bind("port", server.port())
        .bind("database", server.database())
        .bind("username", server.username())
        .bind("sslMode", server.sslMode().name())
        .bind("sslRootCertificate", server.sslRootCertificate())
        .bind("endpoints", Columns.json(server.endpoints()))
        .bind("labels", Columns.json(server.labels()))
        .bind("desiredMode", server.desiredMode() == null ? null : server.desiredMode().name())
        .bind("revision", server.revision());
  }

  private static Optional<ManagedServer> find(Handle handle, UUID id) {
    return handle
        .createQuery("select * from server where id = :id")
        .bind("id", id)
        .map(JdbiServerStore::server)
        .findOne();
  }

  private static ManagedServer server(ResultSet row, StatementContext context) throws SQLException {
    String desiredMode = row.getString("desired_mode");
    return new ManagedServer(
        Columns.uuid(row, "id"),
        row.getString("name"),
        row.getString("host"),
        row.getInt("port"),
        row.getString("database"),
        row.getString("username"),
        ConnectionSslMode.valueOf(row.getString("ssl_mode")),
        row.getString("ssl_root_certificate"),
        Columns.json(row, "endpoints", Columns.STRINGS),
        Columns.json(row, "labels", Columns.STRINGS_BY_NAME),
        desiredMode == null ? null : TlsMode.valueOf(desiredMode),
        row.getLong("revision"),
        Columns.instant(row, "created_at"),
        Columns.instant(row, "updated_at"));
  }
}
