package dev.pgseal.store;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.ApiToken;
import dev.pgseal.security.Grant;
import dev.pgseal.security.Role;
import dev.pgseal.security.TokenStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** API tokens in the control database. */
@ApplicationScoped
class JdbiTokenStore implements TokenStore {

  private final Jdbi jdbi;

  JdbiTokenStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  @Override
  public void insert(ApiToken token, byte[] hash) {
    if (jdbi.inTransaction(handle -> insert(handle, token, hash)) == 0) {
      throw new PgsealException(
          ProblemType.NAME_TAKEN, "There is already a token named " + token.name());
    }
  }

  @Override
  public boolean insertFirst(ApiToken token, byte[] hash) {
    return jdbi.inTransaction(
        handle -> {
          // two replicas may start at once
          handle.execute("lock table api_token in share row exclusive mode");
          boolean empty =
              !handle
                  .createQuery("select exists (select from api_token)")
                  .mapTo(Boolean.class)
                  .one();
          return empty && insert(handle, token, hash) == 1;
        });
  }

  private static int insert(Handle handle, ApiToken token, byte[] hash) {
    return handle
        .createUpdate(
            """
            insert into api_token
              (name, token_hash, roles, server_labels, created_by, made_by, created_at, expires_at)
            values (:name, :hash, cast(:roles as jsonb), cast(:labels as jsonb), :createdBy,
              cast(:madeBy as jsonb), :createdAt, :expiresAt)
            on conflict (name) do nothing
            """)
        .bind("name", token.name())
        .bind("hash", hash)
        .bind("roles", Columns.json(token.grant().roles().stream().sorted().toList()))
        .bind("labels", Columns.json(token.grant().serverLabels()))
        .bind("createdBy", token.createdBy())
        .bind("madeBy", Columns.json(token.madeBy()))
        .bind("createdAt", Columns.timestamp(token.createdAt()))
        .bind("expiresAt", Columns.timestamp(token.expiresAt()))
        .execute();
  }

  @Override
  public Optional<ApiToken> findByHash(byte[] hash) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select * from api_token where token_hash = :hash")
                .bind("hash", hash)
                .map(JdbiTokenStore::token)
                .findOne());
  }

  @Override
  public void used(String name, Instant at, Instant unlessAfter) {
    jdbi.useHandle(
        handle ->
            handle
                .createUpdate(
                    """
                    update api_token set last_used_at = :at
                    where name = :name and (last_used_at is null or last_used_at < :unlessAfter)
                    """)
                .bind("name", name)
                .bind("at", Columns.timestamp(at))
                .bind("unlessAfter", Columns.timestamp(unlessAfter))
                .execute());
  }

  @Override
  public List<ApiToken> list(@Nullable String afterName, int limit) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select * from api_token where name > :after order by name limit :limit")
                .bind("after", afterName == null ? "" : afterName)
                .bind("limit", limit)
                .map(JdbiTokenStore::token)
                .list());
  }

  @Override
  public boolean delete(String name) {
    return jdbi.inTransaction(
            handle -> handle.execute("delete from api_token where name = ?", name))
        == 1;
  }

  private static ApiToken token(ResultSet row, StatementContext context) throws SQLException {
    return new ApiToken(
        row.getString("name"),
        grant(row),
        row.getString("created_by"),
        Columns.json(row, "made_by", Columns.STRINGS),
        Columns.instant(row, "created_at"),
        Columns.instantOrNull(row, "expires_at"),
        Columns.instantOrNull(row, "last_used_at"));
  }

  private static Grant grant(ResultSet row) throws SQLException {
    Set<Role> roles =
        Columns.json(row, "roles", Columns.STRINGS).stream()
            .map(Role::valueOf)
            .collect(Collectors.toSet());
    return new Grant(roles, Columns.json(row, "server_labels", Columns.STRINGS_BY_NAME));
  }
}
