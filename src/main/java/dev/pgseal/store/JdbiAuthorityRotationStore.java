package dev.pgseal.store;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Secrets;
import dev.pgseal.tls.AuthorityRotationStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import org.jdbi.v3.core.Jdbi;

/**
 * The other generation of an authority in the control database. Its key is sealed in the context of
 * the authority's own, so that the two can change places without being opened.
 */
@ApplicationScoped
class JdbiAuthorityRotationStore implements AuthorityRotationStore {

  private final Jdbi jdbi;
  private final Secrets secrets;

  JdbiAuthorityRotationStore(Jdbi jdbi, Secrets secrets) {
    this.jdbi = jdbi;
    this.secrets = secrets;
  }

  @Override
  public void begin(String authority, String certificateChain, String keyType, byte[] privateKey) {
    byte[] sealed = secrets.seal(privateKey, JdbiAuthorityStore.context(authority));
    int inserted =
        jdbi.inTransaction(
            handle ->
                handle
                    .createUpdate(
                        """
                        insert into authority_rotation
                          (authority, certificate_chain, private_key, key_type)
                        values (:authority, :chain, :key, :keyType)
                        on conflict (authority) do nothing
                        """)
                    .bind("authority", authority)
                    .bind("chain", certificateChain)
                    .bind("key", sealed)
                    .bind("keyType", keyType)
                    .execute());
    if (inserted == 0) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE, "Authority " + authority + " is being rotated already")
          .hint("Wait for that job to end, or cancel it");
    }
  }

  @Override
  public Optional<Other> find(String authority) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select * from authority_rotation where authority = :authority")
                .bind("authority", authority)
                .map(
                    (row, context) ->
                        new Other(
                            row.getString("authority"),
                            row.getString("certificate_chain"),
                            row.getString("key_type"),
                            row.getBoolean("promoted")))
                .findOne());
  }

  @Override
  public byte[] privateKey(String authority) {
    byte[] sealed =
        jdbi.withHandle(
            handle ->
                handle
                    .createQuery(
                        "select private_key from authority_rotation where authority = :authority")
                    .bind("authority", authority)
                    .mapTo(byte[].class)
                    .findOne()
                    .orElseThrow(
                        () ->
                            new PgsealException(
                                ProblemType.NOT_FOUND,
                                "Authority " + authority + " is not being rotated")));
    return secrets.open(sealed, JdbiAuthorityStore.context(authority));
  }

  @Override
  public void swap(String authority, boolean promoted) {
    jdbi.useTransaction(
        handle ->
            handle
                .createUpdate(
                    """
                    with other as (
                      select * from authority_rotation
                      where authority = :authority and promoted <> :promoted for update
                    ), self as (
                      select a.* from authority a join other o on o.authority = a.name for update of a
                    ), replaced as (
                      update authority a set certificate_chain = o.certificate_chain,
                        private_key = o.private_key, key_type = o.key_type
                      from other o where a.name = o.authority
                    )
                    update authority_rotation r set certificate_chain = s.certificate_chain,
                      private_key = s.private_key, key_type = s.key_type, promoted = :promoted
                    from self s where r.authority = s.name
                    """)
                .bind("authority", authority)
                .bind("promoted", promoted)
                .execute());
  }

  @Override
  public void end(String authority) {
    jdbi.useTransaction(
        handle -> handle.execute("delete from authority_rotation where authority = ?", authority));
  }
}
