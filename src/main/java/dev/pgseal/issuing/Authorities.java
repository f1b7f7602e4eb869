package dev.pgseal.issuing;

import dev.pgseal.certificate.Acceptance;
import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.Pem;
import dev.pgseal.certificate.PendingAuthority;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The authorities by name: made here or brought along, kept sealed, opened only to sign. */
@ApplicationScoped
public class Authorities {

  private final AuthorityStore store;
  private final Clock clock;
  private final OpenAuthorities opened = new OpenAuthorities();

  public Authorities(AuthorityStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  /**
   * A self-signed root with a new key.
   *
   * @throws PgsealException {@code NAME_TAKEN}, {@code CERTIFICATE_INVALID}
   */
  public StoredAuthority create(String name, AuthorityProfile profile) {
    requireFree(name);
    Authority authority = Authority.create(profile, clock);
    return keep(name, AuthorityKind.ROOT, null, authority, profile.accepted());
  }

  /**
   * An authority with a new key below one of ours.
   *
   * @throws PgsealException {@code NAME_TAKEN}, {@code NOT_FOUND}, {@code POLICY_VIOLATION} when
   *     the parent's path length or name constraints do not allow it
   */
  public StoredAuthority createIntermediate(String name, String parent, AuthorityProfile profile) {
    requireFree(name);
    Authority authority = open(parent).createIntermediate(profile, clock);
    return keep(name, AuthorityKind.INTERMEDIATE, parent, authority, profile.accepted());
  }

  /**
   * Takes an authority with its key.
   *
   * @throws PgsealException {@code NAME_TAKEN}, {@code CERTIFICATE_INVALID}, see {@link
   *     Authority#of(String, String, char[], AuthorityPolicy, Set, Clock)}
   */
  public StoredAuthority importPair(
      String name,
      String chainPem,
      String keyPem,
      char @Nullable [] passphrase,
      AuthorityPolicy policy,
      Set<Acceptance> accepted) {
    requireFree(name);
    Authority authority = Authority.of(chainPem, keyPem, passphrase, policy, accepted, clock);
    return keep(name, AuthorityKind.IMPORTED, null, authority, accepted);
  }

  /** A new key and its request, to be signed by an authority outside; see {@link #complete}. */
  public StoredAuthority createPending(String name, AuthorityProfile profile) {
    requireFree(name);
    PendingAuthority pending = PendingAuthority.create(profile);
    StoredAuthority stored =
        new StoredAuthority(
            name,
            AuthorityKind.PENDING,
            AuthorityState.PENDING,
            null,
            null,
            profile.keyType().name(),
            profile.policy(),
            profile.accepted(),
            pending.csrPem(),
            Map.of(),
            null,
            now());
    return insert(stored, pending.key().pkcs8Pem());
  }

  /**
   * Gives a pending authority its certificate.
   *
   * @param chainPem its certificate first, then every issuer up to and including the root
   * @throws PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE} when it is not pending, {@code
   *     CERTIFICATE_INVALID} when the chain is for another key or cannot issue
   */
  public StoredAuthority complete(String name, String chainPem) {
    StoredAuthority pending = require(name);
    if (pending.state() != AuthorityState.PENDING) {
      throw new PgsealException(
          ProblemType.ILLEGAL_STATE, "The authority " + name + " has its certificate already");
    }
    Authority authority = unseal(pending, chainPem);
    return store.complete(name, Pem.encode(authority.chain()));
  }

  /** Keeps an account with a CA outside under a name of its own. */
  public StoredAuthority keepAccount(
      String name, ExternalAccount account, AuthorityPolicy policy, @Nullable String trustBundle) {
    StoredAuthority stored =
        new StoredAuthority(
            name,
            AuthorityKind.ACME,
            AuthorityState.ACTIVE,
            null,
            null,
            KeyType.DEFAULT.name(),
            policy,
            Set.of(),
            null,
            account.settings(),
            trustBundle,
            now());
    return insert(stored, account.secret());
  }

  /** The account under that name, with its secret. */
  public ExternalAccount account(StoredAuthority authority) {
    return new ExternalAccount(authority.settings(), store.secret(authority.name()));
  }

  /**
   * The authority with its key, to sign with.
   *
   * @throws PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE} when it is pending or its key
   *     is not here
   */
  public Authority open(String name) {
    return open(require(name));
  }

  /**
   * The same for one that was just read.
   *
   * @throws PgsealException {@code ILLEGAL_STATE}
   */
  public Authority open(StoredAuthority stored) {
    return opened.get(stored, authority -> unseal(authority, requireChain(authority)));
  }

  public StoredAuthority require(String name) {
    return store
        .find(name)
        .orElseThrow(
            () ->
                new PgsealException(ProblemType.NOT_FOUND, "There is no authority named " + name)
                    .with("authority", name)
                    .hint("POST /v1/authorities makes one"));
  }

  /**
   * @throws PgsealException {@code NAME_TAKEN}
   */
  public void requireFree(String name) {
    if (store.find(name).isPresent()) {
      throw new PgsealException(
          ProblemType.NAME_TAKEN, "There is already an authority named " + name);
    }
  }

  public List<StoredAuthority> list(@Nullable String afterName, int limit) {
    return store.list(afterName, limit);
  }

  /** Its own certificate first, the root last; empty while it is pending and for a CA outside. */
  public static List<X509Certificate> chain(StoredAuthority authority) {
    String pem = authority.certificateChain();
    return pem == null ? List.of() : Pem.certificates(pem);
  }

  /** What clients trust, as PEM: the root, or what was said of a CA outside; empty when unknown. */
  public static Optional<String> bundle(StoredAuthority authority) {
    if (authority.trustBundle() != null) {
      return Optional.of(authority.trustBundle());
    }
    List<X509Certificate> chain = chain(authority);
    return chain.isEmpty()
        ? Optional.empty()
        : Optional.of(Pem.encode(chain.get(chain.size() - 1)));
  }

  private static String requireChain(StoredAuthority stored) {
    if (stored.certificateChain() != null) {
      return stored.certificateChain();
    }
    PgsealException refusal =
        new PgsealException(
                ProblemType.ILLEGAL_STATE,
                stored.state() == AuthorityState.PENDING
                    ? "The authority %s still waits for its certificate".formatted(stored.name())
                    : "The key of the authority %s is not here".formatted(stored.name()))
            .with("authority", stored.name());
    throw stored.state() == AuthorityState.PENDING
        ? refusal.hint("Have its CSR signed and POST the chain to :complete")
        : refusal.hint("A CA outside issues server certificates only");
  }

  private Authority unseal(StoredAuthority stored, String chainPem) {
    byte[] key = store.secret(stored.name());
    try {
      return Authority.of(
          chainPem,
          new String(key, StandardCharsets.US_ASCII),
          null,
          stored.policy(),
          stored.accepted(),
          clock);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private StoredAuthority keep(
      String name,
      AuthorityKind kind,
      @Nullable String parent,
      Authority authority,
      Set<Acceptance> accepted) {
    StoredAuthority stored =
        StoredAuthority.active(
            name,
            kind,
            parent,
            Pem.encode(authority.chain()),
            KeyType.describe(authority.key().publicKey()),
            authority.policy(),
            accepted,
            now());
    return insert(stored, authority.key().pkcs8Pem());
  }

  private StoredAuthority insert(StoredAuthority authority, byte[] secret) {
    try {
      return store.insert(authority, secret);
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  /** As precise as the control database. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
