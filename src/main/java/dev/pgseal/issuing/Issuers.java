package dev.pgseal.issuing;

import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.Finding;
import dev.pgseal.certificate.IssuedCertificate;
import dev.pgseal.certificate.RequestKey;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.certificate.TrustBundle;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;

/** Finds who issues under an authority's name: its key here, or a CA outside. */
@ApplicationScoped
public class Issuers {

  private final Authorities authorities;
  private final ExternalIssuers external;
  private final Clock clock;

  public Issuers(Authorities authorities, ExternalIssuers external, Clock clock) {
    this.authorities = authorities;
    this.external = external;
    this.clock = clock;
  }

  /**
   * @throws dev.pgseal.problem.PgsealException {@code NOT_FOUND}, {@code ILLEGAL_STATE} when it is
   *     pending
   */
  public CertificateIssuer open(String authority) {
    return open(authorities.require(authority));
  }

  /**
   * The same for one that was just read.
   *
   * @throws dev.pgseal.problem.PgsealException {@code ILLEGAL_STATE}
   */
  public CertificateIssuer open(StoredAuthority stored) {
    return stored.kind() == AuthorityKind.ACME
        ? external.open(
            authorities.account(stored),
            stored.policy(),
            Authorities.bundle(stored).map(TrustBundle::parse))
        : new OwnAuthority(authorities.open(stored), clock);
  }

  /** An authority whose key is here. */
  private record OwnAuthority(Authority authority, Clock clock) implements CertificateIssuer {

    @Override
    public List<Finding> check(ServerCertificateRequest request, RequestKey key) {
      // the whole way: what is signed here costs nothing and is dropped
      return issueServer(request, key).warnings();
    }

    @Override
    public IssuedCertificate issueServer(ServerCertificateRequest request, RequestKey key) {
      return authority.issueServer(request, key.publicKey(), clock);
    }
  }
}
