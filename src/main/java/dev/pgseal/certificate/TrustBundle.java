package dev.pgseal.certificate;

import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;

/**
 * The roots that somebody trusts ({@code sslrootcert}, {@code ssl_ca_file}). During a rotation it
 * holds the old and the new one: trust is widened first, identities change, the old root goes last.
 */
public record TrustBundle(List<X509Certificate> roots) {

  public TrustBundle {
    roots = List.copyOf(new LinkedHashSet<>(roots));
  }

  public static TrustBundle of(Authority... authorities) {
    List<X509Certificate> roots = new ArrayList<>();
    for (Authority authority : authorities) {
      roots.add(authority.root());
    }
    return new TrustBundle(roots);
  }

  /** What a file on a server or a client holds. */
  public static TrustBundle parse(String pem) {
    return new TrustBundle(Pem.certificates(pem));
  }

  public TrustBundle with(X509Certificate root) {
    List<X509Certificate> more = new ArrayList<>(roots);
    more.add(root);
    return new TrustBundle(more);
  }

  /** Only when nothing served chains to that root any more, see {@link #anchors}. */
  public TrustBundle without(X509Certificate root) {
    return new TrustBundle(roots.stream().filter(kept -> !kept.equals(root)).toList());
  }

  /**
   * Whether a chain as a server sends it leads to one of the roots, in names and signatures. Dates,
   * purposes and names are other questions ({@link ProvidedCertificate#check}).
   */
  public boolean anchors(List<X509Certificate> chain) {
    List<X509Certificate> path = ChainOrder.pathFrom(chain.get(0), chain);
    X509Certificate last = path.get(path.size() - 1);
    return roots.stream().anyMatch(root -> root.equals(last) || ChainOrder.isIssuedBy(last, root));
  }

  public String pem() {
    return Pem.encode(roots);
  }
}
