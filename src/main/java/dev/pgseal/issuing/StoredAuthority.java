package dev.pgseal.issuing;

import dev.pgseal.certificate.Acceptance;
import dev.pgseal.certificate.AuthorityPolicy;
import java.time.Instant;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A certificate authority as it is kept; its key is read apart.
 *
 * @param parent name of the authority of ours that signed it; null when there is none
 * @param certificateChain PEM, the authority's own certificate first, the root last; null while it
 *     is pending and for an ACME CA
 * @param keyType such as {@code ECDSA_P256}, or {@code RSA 2048} for one that pgseal does not make
 * @param signingRequest PEM of its CSR, only while it is pending
 * @param settings how an issuer outside is reached; nothing secret
 * @param trustBundle PEM of what clients trust when that is not the chain's root
 */
public record StoredAuthority(
    String name,
    AuthorityKind kind,
    AuthorityState state,
    @Nullable String parent,
    @Nullable String certificateChain,
    String keyType,
    AuthorityPolicy policy,
    Set<Acceptance> accepted,
    @Nullable String signingRequest,
    Map<String, String> settings,
    @Nullable String trustBundle,
    Instant createdAt) {

  public StoredAuthority {
    accepted = Set.copyOf(accepted);
    settings = Map.copyOf(settings);
  }

  /** An authority with its certificate, whose key is here. */
  public static StoredAuthority active(
      String name,
      AuthorityKind kind,
      @Nullable String parent,
      String certificateChain,
      String keyType,
      AuthorityPolicy policy,
      Set<Acceptance> accepted,
      Instant createdAt) {
    return new StoredAuthority(
        name,
        kind,
        AuthorityState.ACTIVE,
        parent,
        certificateChain,
        keyType,
        policy,
        accepted,
        null,
        Map.of(),
        null,
        createdAt);
  }
}
