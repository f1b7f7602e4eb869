package dev.pgseal.tls;

import dev.pgseal.certificate.Acceptance;
import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.Pem;
import dev.pgseal.certificate.TrustBundle;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.issuing.AuthorityStore;
import dev.pgseal.issuing.StoredAuthority;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
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

  /**
   * What clients trust: the root that signs now first, then that of the other generation; empty
   * while that is not known.
   */
  public Optional<TrustBundle> bundle(StoredAuthority authority) {
    return Authorities.bundle(authority)
        .map(TrustBundle::parse)
        .map(
            bundle ->
                rotations
                    .find(authority.name())
                    .map(other -> bundle.with(root(other.certificateChain())))
                    .orElse(bundle));
  }

  /**
   * @throws PgsealException {@code ILLEGAL_STATE} while it is not known what clients of it trust
   */
  public TrustBundle requireBundle(StoredAuthority authority) {
    return bundle(authority)
        .orElseThrow(
            () ->
                new PgsealException(
                        ProblemType.ILLEGAL_STATE,
                        "It is not known what clients of the authority %s trust"
                            .formatted(authority.name()))
                    .with("authority", authority.name())
                    .hint(
                        "It waits for :complete, or it is a CA outside: connect that again with"
                            + " acme.roots, the roots below which it issues."));
  }

  /**
   * @throws PgsealException {@code ILLEGAL_STATE} while it is being rotated: what begins to depend
   *     on it now would not be part of that
   */
  public void requireSettled(String authority) {
    if (rotations.find(authority).isPresent()) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE, "Authority " + authority + " is being rotated")
          .with("authority", authority)
          .hint("Wait for that job to end, or cancel it");
    }
  }

  /**
   * The chain of each generation, the one that signs now first; none for an authority whose key is
   * not here.
   */
  public List<List<X509Certificate>> chains(StoredAuthority authority) {
    List<X509Certificate> current = Authorities.chain(authority);
    List<List<X509Certificate>> chains = new ArrayList<>();
    if (!current.isEmpty()) {
      chains.add(current);
      rotations
          .find(authority.name())
          .ifPresent(other -> chains.add(Pem.certificates(other.certificateChain())));
    }
    return chains;
  }

  /**
   * All authorities of ours that have a root in common with this one, itself among them, and have
   * not expired: whoever trusts the root takes certificates of each.
   */
  public List<StoredAuthority> family(StoredAuthority authority) {
    List<X509Certificate> roots = requireBundle(authority).roots();
    return authorities.list(null, Integer.MAX_VALUE).stream()
        .filter(member -> !chains(member).isEmpty())
        .filter(member -> requireBundle(member).roots().stream().anyMatch(roots::contains))
        .filter(
            member ->
                chains(member).get(0).get(0).getNotAfter().toInstant().isAfter(clock.instant()))
        .toList();
  }

  /** The chains of those generations that have not expired and so can still sign. */
  public List<List<X509Certificate>> unexpired(StoredAuthority authority) {
    return chains(authority).stream().filter(this::isUnexpired).toList();
  }

  private boolean isUnexpired(List<X509Certificate> chain) {
    return chain.stream()
        .allMatch(certificate -> certificate.getNotAfter().toInstant().isAfter(clock.instant()));
  }

  /** Each unexpired generation with its key, the one that signs now first. */
  public List<Authority> open(StoredAuthority authority) {
    List<Authority> all = new ArrayList<>();
    if (authority.certificateChain() != null) {
      if (isUnexpired(Authorities.chain(authority))) {
        all.add(open(authority.certificateChain(), authorities.secret(authority.name())));
      }
      rotations
          .find(authority.name())
          .filter(other -> isUnexpired(Pem.certificates(other.certificateChain())))
          .flatMap(other -> other(authority.name()))
          .ifPresent(all::add);
    }
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
