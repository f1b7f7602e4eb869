package dev.pgseal.store;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.ApiToken;
import dev.pgseal.security.TokenStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
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
    if (jdbi.withHandle(handle -> insert(handle, token, hash)) == 0) {
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
            insert into api_token (name, token_hash, created_by, created_at, expires_at)
            values (:name, :hash, :createdBy, :createdAt, :expiresAt)
            on conflict (name) do nothing
            """)
        .bind("name", token.name())
        .bind("hash", hash)
        .bind("createdBy", token.createdBy())
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
    return jdbi.withHandle(handle -> handle.execute("delete from api_token where name = ?", name))
        == 1;
  }

  private static ApiToken token(ResultSet row, StatementContext context) throws SQLException {
    return new ApiToken(
        row.getString("name"),
        row.getString("created_by"),
        Columns.instant(row, "created_at"),
        Columns.instantOrNull(row, "expires_at"));
  }
}
