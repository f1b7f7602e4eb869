package dev.pgseal.store;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.pgseal.certificate.Acceptance;
import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.issuing.AuthorityKind;
import dev.pgseal.issuing.AuthorityState;
import dev.pgseal.issuing.AuthorityStore;
import dev.pgseal.issuing.StoredAuthority;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Secrets;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.statement.StatementContext;
import org.jspecify.annotations.Nullable;

/** Private authorities in the control database. */
@ApplicationScoped
class JdbiAuthorityStore implements AuthorityStore {

  private static final TypeReference<Set<Acceptance>> ACCEPTED = new TypeReference<>() {};

  private final Jdbi jdbi;
  private final Secrets secrets;

  JdbiAuthorityStore(Jdbi jdbi, Secrets secrets) {
    this.jdbi = jdbi;
    this.secrets = secrets;
  }

  @Override
  public StoredAuthority insert(StoredAuthority authority, byte[] secret) {
    byte[] sealed = secrets.seal(secret, context(authority.name()));
    int inserted =
        jdbi.inTransaction(
            handle ->
                handle
                    .createUpdate(
                        """
                        insert into authority (name, kind, state, parent, certificate_chain,
                          private_key, key_type, policy, accepted, signing_request, settings,
                          trust_bundle, created_at)
                        values (:name, :kind, :state, :parent, :chain, :key, :keyType,
                          cast(:policy as jsonb), cast(:accepted as jsonb), :request,
                          cast(:settings as jsonb), :bundle, :createdAt)
                        on conflict (name) do nothing
                        """)
                    .bind("name", authority.name())
                    .bind("kind", authority.kind().name())
                    .bind("state", authority.state().name())
                    .bind("parent", authority.parent())
                    .bind("chain", authority.certificateChain())
                    .bind("key", sealed)
                    .bind("keyType", authority.keyType())
                    .bind("policy", Columns.json(PolicyColumn.of(authority.policy())))
                    .bind("accepted", Columns.json(authority.accepted()))
                    .bind("request", authority.signingRequest())
                    .bind("settings", Columns.json(authority.settings()))
                    .bind("bundle", authority.trustBundle())
                    .bind("createdAt", Columns.timestamp(authority.createdAt()))
                    .execute());
    if (inserted == 0) {
      throw new PgsealException(
          ProblemType.NAME_TAKEN, "There is already an authority named " + authority.name());
    }
    return authority;
  }

  @Override
  public StoredAuthority complete(String name, String certificateChain) {
    return jdbi.inTransaction(
        handle ->
            handle
                .createQuery(
                    """
                    update authority
                    set certificate_chain = :chain, signing_request = null,
                      kind = 'INTERMEDIATE', state = 'ACTIVE'
                    where name = :name and state = 'PENDING'
                    returning *
                    """)
                .bind("name", name)
                .bind("chain", certificateChain)
                .map(JdbiAuthorityStore::authority)
                .findOne()
                .orElseThrow(
                    () ->
                        new PgsealException(
                            ProblemType.ILLEGAL_STATE,
                            "The authority " + name + " has its certificate already")));
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
  public byte[] secret(String name) {
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
        AuthorityKind.valueOf(row.getString("kind")),
        AuthorityState.valueOf(row.getString("state")),
        row.getString("parent"),
        row.getString("certificate_chain"),
        row.getString("key_type"),
        Columns.json(row, "policy", PolicyColumn.TYPE).toPolicy(),
        Columns.json(row, "accepted", ACCEPTED),
        row.getString("signing_request"),
        Columns.json(row, "settings", Columns.STRINGS_BY_NAME),
        row.getString("trust_bundle"),
        Columns.instant(row, "created_at"));
  }

  /** An authority's policy as it is stored; spelled out, since it must outlive the class. */
  private record PolicyColumn(
      String maxValidity, Set<KeyType> keyTypes, List<String> permittedNames) {

    static final TypeReference<PolicyColumn> TYPE = new TypeReference<>() {};

    static PolicyColumn of(AuthorityPolicy policy) {
      return new PolicyColumn(
          policy.maxValidity().toString(), policy.keyTypes(), policy.permittedNames());
    }

    AuthorityPolicy toPolicy() {
      return new AuthorityPolicy(Duration.parse(maxValidity), keyTypes, permittedNames);
    }
  }
}
