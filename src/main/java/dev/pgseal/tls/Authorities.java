package dev.pgseal.tls;

import dev.pgseal.certificate.Acceptance;
import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.Pem;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The private authorities: made here or brought along, kept sealed, opened only to sign. */
@ApplicationScoped
public class Authorities {

  private final AuthorityStore store;
  private final Clock clock;

  public Authorities(AuthorityStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  /**
   * @throws PgsealException {@code NAME_TAKEN}, {@code CERTIFICATE_INVALID}
   */
  public StoredAuthority create(String name, AuthorityProfile profile) {
    Authority authority = Authority.create(profile, clock);
    return keep(name, authority, profile.keyType());
  }

  /** The authority with its key, to sign with. */
  public Authority open(String name) {
    StoredAuthority stored = require(name);
    byte[] key = store.privateKey(name);
    try {
      return Authority.of(
          stored.certificateChain(),
          new String(key, StandardCharsets.US_ASCII),
          null,
          AuthorityPolicy.DEFAULT,
          EnumSet.allOf(Acceptance.class),
          clock);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  public StoredAuthority require(String name) {
    return store
        .find(name)
        .orElseThrow(
            () ->
                new PgsealException(ProblemType.NOT_FOUND, "There is no authority named " + name)
                    .hint("POST /v1/authorities makes one"));
  }

  public List<StoredAuthority> list(@Nullable String afterName, int limit) {
    return store.list(afterName, limit);
  }

  /** What clients trust: the root, as PEM. */
  public String bundle(StoredAuthority authority) {
    var chain = Pem.certificates(authority.certificateChain());
    return Pem.encode(chain.get(chain.size() - 1));
  }

  private StoredAuthority keep(String name, Authority authority, KeyType keyType) {
    byte[] key = authority.key().pkcs8Pem();
    try {
      return store.insert(name, Pem.encode(authority.chain()), keyType.name(), key);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }
}
