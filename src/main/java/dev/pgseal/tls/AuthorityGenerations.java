package dev.pgseal.tls;

import dev.pgseal.certificate.Acceptance;
import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.Pem;
import dev.pgseal.certificate.TrustBundle;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;

/** The one or, while it is being rotated, two generations of an authority. */
@ApplicationScoped
public class AuthorityGenerations {

  private final AuthorityStore authorities;
  private final AuthorityRotationStore rotations;
  private final Clock clock;

  public AuthorityGenerations(
      AuthorityStore authorities, AuthorityRotationStore rotations, Clock clock) {
    this.authorities = authorities;
    this.rotations = rotations;
    this.clock = clock;
  }

  /** What clients trust: the root that signs now first, then that of the other generation. */
  public TrustBundle bundle(StoredAuthority authority) {
    TrustBundle bundle = new TrustBundle(List.of(root(authority.certificateChain())));
    return rotations
        .find(authority.name())
        .map(other -> bundle.with(root(other.certificateChain())))
        .orElse(bundle);
  }

  /** The chain of each generation, the one that signs now first. */
  public List<List<X509Certificate>> chains(StoredAuthority authority) {
    List<List<X509Certificate>> chains = new ArrayList<>();
    chains.add(Pem.certificates(authority.certificateChain()));
    rotations
        .find(authority.name())
        .ifPresent(other -> chains.add(Pem.certificates(other.certificateChain())));
    return chains;
  }

  /**
   * All authorities of ours that have a root in common with this one, itself among them, and have
   * not expired: whoever trusts the root takes certificates of each.
   */
  public List<StoredAuthority> family(StoredAuthority authority) {
    List<X509Certificate> roots = bundle(authority).roots();
    return authorities.list(null, Integer.MAX_VALUE).stream()
        .filter(member -> bundle(member).roots().stream().anyMatch(roots::contains))
        .filter(
            member ->
                Pem.certificates(member.certificateChain())
                    .get(0)
                    .getNotAfter()
                    .toInstant()
                    .isAfter(clock.instant()))
        .toList();
  }

  /** Each generation with its key, the one that signs now first. */
  public List<Authority> open(StoredAuthority authority) {
    List<Authority> all = new ArrayList<>();
    all.add(open(authority.certificateChain(), authorities.privateKey(authority.name())));
    other(authority.name()).ifPresent(all::add);
    return all;
  }

  /** The other generation with its key. */
  public Optional<Authority> other(String authority) {
    return rotations
        .find(authority)
        .map(other -> open(other.certificateChain(), rotations.privateKey(authority)));
  }

  /** For what pgseal itself signs with it: the authority's policy is for callers. */
  private Authority open(String chain, byte[] key) {
    try {
      return Authority.of(
          chain,
          new String(key, StandardCharsets.US_ASCII),
          null,
          AuthorityPolicy.DEFAULT,
          EnumSet.allOf(Acceptance.class),
          clock);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }

  private static X509Certificate root(String chainPem) {
    List<X509Certificate> chain = Pem.certificates(chainPem);
    return chain.get(chain.size() - 1);
  }
}
