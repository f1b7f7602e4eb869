package dev.pgseal.tls;

import dev.pgseal.certificate.Pem;
import dev.pgseal.certificate.SubjectAltNames;
import dev.pgseal.certificate.TrustBundle;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.issuing.StoredAuthority;
import dev.pgseal.postgres.TlsAnswer;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What a client of a server must trust to verify the certificate that it serves now. */
@ApplicationScoped
public class TrustAnchors {

  private static final int PAGE = 500;

  private final Authorities authorities;
  private final AuthorityGenerations generations;
  private final WireProbe wire;

  public TrustAnchors(Authorities authorities, AuthorityGenerations generations, WireProbe wire) {
    this.authorities = authorities;
    this.generations = generations;
    this.wire = wire;
  }

  /**
   * PEM of the authority of pgseal below which the served certificate stands, of the certificate
   * itself when it is self-signed, or the server's own {@code sslRootCertificate}; empty when none
   * is known.
   */
  public Optional<String> of(ManagedServer server) {
    if (!(wire.tls(server.host(), server.port()) instanceof TlsAnswer.Served served)) {
      return Optional.ofNullable(server.sslRootCertificate());
    }
    X509Certificate last = served.chain().get(served.chain().size() - 1);
    if (issuedBy(last, last)) {
      return Optional.of(Pem.encode(last));
    }
    return authorities.list(null, PAGE).stream()
        .filter(authority -> issues(authority, last))
        .findFirst()
        .flatMap(authority -> generations.bundle(authority).map(TrustBundle::pem))
        .or(() -> Optional.ofNullable(server.sslRootCertificate()));
  }

  /** The last certificate that is sent is signed by one of the anchors, or is one. */
  static boolean chainsTo(List<X509Certificate> sent, List<X509Certificate> anchors) {
    X509Certificate last = sent.get(sent.size() - 1);
    return anchors.stream().anyMatch(anchor -> anchor.equals(last) || issuedBy(last, anchor));
  }

  /**
   * @param hosts as libpq's {@code host} has them: names or addresses, several with commas between
   * @param libpq14 the client is libpq 14 or older, which ignores iPAddress entries
   */
  static boolean names(X509Certificate certificate, String hosts, boolean libpq14) {
    SubjectAltNames names = SubjectAltNames.of(certificate);
    try {
      return Stream.of(hosts.split(","))
          .map(String::strip)
          .allMatch(host -> libpq14 ? names.coversForLibpq14(host) : names.covers(host));
    } catch (PgsealException e) {
      // the directory of a Unix socket, say
      return false;
    }
  }

  private boolean issues(StoredAuthority authority, X509Certificate certificate) {
    return Stream.concat(
            generations.chains(authority).stream().flatMap(List::stream),
            generations.bundle(authority).stream().flatMap(bundle -> bundle.roots().stream()))
        .anyMatch(issuer -> issuedBy(certificate, issuer));
  }

  private static boolean issuedBy(X509Certificate certificate, X509Certificate issuer) {
    try {
      certificate.verify(issuer.getPublicKey());
      return certificate.getIssuerX500Principal().equals(issuer.getSubjectX500Principal());
    } catch (GeneralSecurityException e) {
      return false;
    }
  }
}
