package dev.pgseal.certificate;

import dev.pgseal.certificate.Finding.Code;
import dev.pgseal.certificate.Finding.Severity;
import dev.pgseal.problem.PgsealException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a CA outside is held to: the policy before it is asked, and its answer before anybody gets
 * the certificate. What it answers is input like any other.
 */
public final class OutsideIssuerCheck {

  /** What stands in the way of a provided certificate unless accepted, and is only told here. */
  private static final Set<Acceptance> TOLD =
      EnumSet.of(Acceptance.SIGNATURE_WITHOUT_CHANNEL_BINDING);

  private final AuthorityPolicy policy;
  private final Optional<TrustBundle> trusted;
  private final Clock clock;

  /**
   * @param trusted what clients trust of this CA; empty when that is not known
   */
  public OutsideIssuerCheck(AuthorityPolicy policy, Optional<TrustBundle> trusted, Clock clock) {
    this.policy = policy;
    this.trusted = trusted;
    this.clock = clock;
  }

  /**
   * The names to ask the CA for, when the policy allows them and the key. Not so the validity: the
   * CA is not asked for one, and what it decides is held against the policy afterwards.
   *
   * @throws PgsealException {@code POLICY_VIOLATION}, {@code CERTIFICATE_INVALID} for a weak key
   */
  public SubjectAltNames requireAllowed(ServerCertificateRequest request, PublicKey key) {
    PolicyCheck check = new PolicyCheck(policy, List.of());
    check.requireKey(key);
    return check.requireNames(request.properNames());
  }

  /** What clients will trip over, as far as the names tell. */
  public List<Finding> forecast(ServerCertificateRequest request) {
    return IssuedLint.names(request.properNames(), request.endpoints());
  }

  /**
   * Whether clients can follow this chain to what they trust; true when it is not known what that
   * is.
   *
   * @param chain as the CA sent it, leaf first
   */
  public boolean isTrusted(List<X509Certificate> chain) {
    return trusted.map(bundle -> bundle.anchors(chain)).orElse(true);
  }

  /**
   * The certificate, when it is what was asked for: for the key, with the names, valid now and not
   * longer than the policy allows, in an ordered chain to what clients trust.
   *
   * @param chain as the CA sent it, leaf first
   * @throws PgsealException {@code ISSUER_FAULT}; its member {@code findings} lists what is wrong
   */
  public IssuedCertificate accept(
      List<X509Certificate> chain, ServerCertificateRequest request, PublicKey key) {
    if (chain.isEmpty()) {
      throw CertificateProblems.issuerFault("The CA answered without a certificate");
    }
    requireFaultless(chain, request, key);
    X509Certificate leaf = chain.get(0);
    requireWithinPolicy(leaf);
    if (!isTrusted(chain)) {
      throw CertificateProblems.issuerFault(
              "The certificate was issued by %s, which does not lead to the roots of this authority"
                  .formatted(chain.get(chain.size() - 1).getIssuerX500Principal()))
          .hint("Connect the CA again with the roots below which it issues.");
    }
    List<Finding> warnings = new ArrayList<>(IssuedLint.server(leaf, request.endpoints()));
    Instant end = leaf.getNotAfter().toInstant();
    if (end.isBefore(clock.instant().plus(request.validity()))) {
      warnings.add(IssuedLint.decidedOutside(end));
    }
    return new IssuedCertificate(leaf, withoutRoot(chain), warnings);
  }

  private void requireFaultless(
      List<X509Certificate> chain, ServerCertificateRequest request, PublicKey key) {
    List<Finding> errors =
        new ProvidedCertificateCheck(chain, key, TOLD, clock)
            .run(request.endpoints()).stream()
                .filter(finding -> finding.severity() == Severity.ERROR)
                .toList();
    if (!errors.isEmpty()) {
      throw CertificateProblems.issuerFault(
              "The CA issued a certificate that cannot be used: " + errors.get(0).message())
          .hint(hint(errors.get(0).code()))
          .with("findings", errors);
    }
  }

  private static String hint(Code code) {
    return code == Code.NOT_YET_VALID_OR_EXPIRED
        ? "Compare the clocks of the CA and of this host."
        : "Ask whoever runs the CA; nothing was installed.";
  }

  private void requireWithinPolicy(X509Certificate leaf) {
    Instant end = leaf.getNotAfter().toInstant();
    if (end.isAfter(clock.instant().plus(policy.maxValidity()))) {
      throw CertificateProblems.issuerFault(
              "The CA issued a certificate until %s, longer than the authority's policy allows, %s"
                  .formatted(end, policy.maxValidity()))
          .hint("Have the CA issue for less, or connect it with a policy that allows it.");
    }
    try {
      new PolicyCheck(policy, List.of()).requireNames(SubjectAltNames.of(leaf));
    } catch (PgsealException e) {
      throw CertificateProblems.issuerFault(
          "The CA added a name that was not asked for: " + e.detail());
    }
  }

  /** Clients hold the root already; PostgreSQL sends exactly what is in the file. */
  private static List<X509Certificate> withoutRoot(List<X509Certificate> chain) {
    int last = chain.size() - 1;
    return last > 0 && ChainOrder.isSelfIssued(chain.get(last)) ? chain.subList(0, last) : chain;
  }
}
