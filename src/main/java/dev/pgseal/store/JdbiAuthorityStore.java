package dev.pgseal.store;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Secrets;
import dev.pgseal.tls.AuthorityStore;
import dev.pgseal.tls.StoredAuthority;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Private authorities in the control database. */
@ApplicationScoped
class JdbiAuthorityStore implements AuthorityStore {

  private final Jdbi jdbi;
  private final Secrets secrets;

  JdbiAuthorityStore(Jdbi jdbi, Secrets secrets) {
    this.jdbi = jdbi;
    this.secrets = secrets;
  }

  @Override
  public StoredAuthority insert(
      String name, String certificateChain, String keyType, byte[] privateKey) {
    byte[] sealed = secrets.seal(privateKey, context(name));
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    """
                    insert into authority (name, certificate_chain, private_key, key_type)
                    values (:name, :chain, :key, :keyType)
                    on conflict (name) do nothing
                    returning *
                    """)
                .bind("name", name)
                .bind("chain", certificateChain)
                .bind("key", sealed)
                .bind("keyType", keyType)
                .map(JdbiAuthorityStore::authority)
                .findOne()
                .orElseThrow(
                    () ->
                        new PgsealException(
                            ProblemType.NAME_TAKEN,
                            "There is already an authority named " + name)));
  }

  @Override
  public Optional<StoredAuthority> find(String name) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select * from authority where name = :name")
                .bind("name", name)
                .map(JdbiAuthorityStore::authority)
                .findOne());
  }

  @Override
  public List<StoredAuthority> list(@Nullable String afterName, int limit) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery(
                    "select * from authority where name > :after order by name limit :limit")
                .bind("after", afterName == null ? "" : afterName)
                .bind("limit", limit)
                .map(JdbiAuthorityStore::authority)
                .list());
  }

  @Override
  public byte[] privateKey(String name) {
    byte[] sealed =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery("select private_key from authority where name = :name")
                    .bind("name", name)
                    .mapTo(byte[].class)
                    .findOne()
                    .orElseThrow(
                        () ->
                            new PgsealException(
                                ProblemType.NOT_FOUND, "There is no authority named " + name)));
    return secrets.open(sealed, context(name));
  }

  static String context(String name) {
    return "authority/" + name + "/key";
  }

  private static StoredAuthority authority(ResultSet row, StatementContext context)
      throws SQLException {
    return new StoredAuthority(
        row.getString("name"),
        row.getString("certificate_chain"),
        row.getString("key_type"),
        Columns.instant(row, "created_at"));
  }
}
