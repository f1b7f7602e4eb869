package dev.pgseal.certificate;

import dev.pgseal.problem.PgsealException;
import java.net.InetAddress;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;

/** Holds one request for a certificate against a policy. */
final class PolicyCheck {

  private final AuthorityPolicy policy;
  private final List<PermittedName> permitted;

  PolicyCheck(AuthorityPolicy policy) {
    this.policy = policy;
    this.permitted = policy.permitted();
  }

  void requireKey(PublicKey key) {
    SubjectKey kind = SubjectKey.of(key);
    if (kind.weakness() != null) {
      throw CertificateProblems.invalid("The public key is refused: " + kind.weakness());
    }
    boolean allowed =
        policy.keyTypes().isEmpty()
            || KeyType.of(key).filter(policy.keyTypes()::contains).isPresent();
    if (!allowed) {
      throw CertificateProblems.againstPolicy(
          "The authority does not certify keys of the kind " + kind.description());
    }
  }

  void requireValidity(Duration validity) {
    if (validity.compareTo(policy.maxValidity()) > 0) {
      throw CertificateProblems.againstPolicy(
          "A validity of %s is longer than the authority allows, %s"
              .formatted(validity, policy.maxValidity()));
    }
  }

  /**
   * The names that may be issued. The text of an address among the dNSNames is there for old
   * clients only; under a constrained authority it would break the whole certificate, so it is left
   * out.
   */
  SubjectAltNames requireNames(SubjectAltNames names) {
    if (permitted.isEmpty()) {
      return names;
    }
    List<String> proper = names.properNames();
    proper.forEach(this::requireName);
    names.addresses().forEach(this::requireAddress);
    return new SubjectAltNames(proper, names.addresses());
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
