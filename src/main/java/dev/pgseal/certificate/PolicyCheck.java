package dev.pgseal.certificate;

import dev.pgseal.problem.PgsealException;
import java.net.InetAddress;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;

/** Holds one request for a certificate against a policy. */
final class PolicyCheck {

  private final AuthorityPolicy policy;
  private final List<X509Certificate> chain;
  private final List<PermittedName> permitted;

  /**
   * @param chain the authority's own certificate and those above it, whose name constraints hold
   *     too
   */
  PolicyCheck(AuthorityPolicy policy, List<X509Certificate> chain) {
    this.policy = policy;
    this.chain = chain;
    this.permitted = policy.permitted();
  }

  static void requireStrong(PublicKey key) {
    String weakness = SubjectKey.of(key).weakness();
    if (weakness != null) {
      throw CertificateProblems.invalid("The public key is refused: " + weakness);
    }
  }

  void requireKey(PublicKey key) {
    requireStrong(key);
    boolean allowed =
        policy.keyTypes().isEmpty()
            || KeyType.of(key).filter(policy.keyTypes()::contains).isPresent();
    if (!allowed) {
      throw CertificateProblems.againstPolicy(
          "The authority does not certify keys of the kind " + SubjectKey.of(key).description());
    }
  }

  void requireValidity(Duration validity) {
    policy.requireValidity(validity);
  }

  /**
   * The names that may be issued. The text of an address among the dNSNames is there for old
   * clients only; under a constrained authority it would break the whole certificate, so it is left
   * out.
   */
  SubjectAltNames requireNames(SubjectAltNames names) {
    if (!isConstrained()) {
      return names;
    }
    SubjectAltNames proper = new SubjectAltNames(names.properNames(), names.addresses());
    if (!permitted.isEmpty()) {
      proper.dnsNames().forEach(this::requireName);
      proper.addresses().forEach(this::requireAddress);
    }
    NameConstraintRules.requirePermitted(chain, proper);
    return proper;
  }

  /**
   * Refuses a common name with a dot below an authority with name constraints: OpenSSL takes it for
   * a DNS name when there is no dNSName (NAME_CONSTRAINTS_check_CN), and so refuses the client.
   */
  void requireClientName(String commonName) {
    if (NameConstraintRules.isConstrained(chain) && commonName.contains(".")) {
      throw CertificateProblems.againstPolicy(
              "OpenSSL takes the common name \"%s\" for a DNS name, and the name constraints of the"
                      .formatted(commonName)
                  + " authority do not permit it")
          .hint("Issue it from an authority without name constraints, or map another name.");
    }
  }

  /**
   * Refuses a common name that could be a host's for an authority below one with name constraints:
   * Java takes the CN of every certificate without subjectAltName for a DNS name if it can be one
   * (sun.security.x509.NameConstraintsExtension#verify), and then refuses the path.
   */
  void requireAuthorityName(String commonName) {
    if (NameConstraintRules.isConstrained(chain) && commonName.matches("[A-Za-z0-9.*-]+")) {
      throw CertificateProblems.againstPolicy(
              "Java takes the common name \"%s\" for a DNS name, and the name constraints of the"
                      .formatted(commonName)
                  + " authority do not permit it")
          .hint("Choose a name with a space, such as \"%s CA\".".formatted(commonName));
    }
  }

  private boolean isConstrained() {
    return !permitted.isEmpty() || NameConstraintRules.isConstrained(chain);
  }

  private void requireName(String name) {
    boolean inside =
        permitted.stream()
            .anyMatch(
                entry -> entry instanceof PermittedName.Domain domain && domain.permits(name));
    if (!inside) {
      throw outside(name);
    }
  }

  private void requireAddress(InetAddress address) {
    boolean inside =
        permitted.stream()
            .anyMatch(
                entry -> entry instanceof PermittedName.Range range && range.permits(address));
    if (!inside) {
      throw outside(address.getHostAddress());
    }
  }

  private PgsealException outside(String name) {
    return CertificateProblems.againstPolicy(
            "The name \"%s\" is not among those the authority may certify".formatted(name))
        .with("permittedNames", policy.permittedNames());
  }
}
