package dev.pgseal.certificate;

import dev.pgseal.certificate.Finding.Code;
import dev.pgseal.certificate.Finding.Severity;
import java.util.ArrayList;
import java.util.List;

/** Differences between what a CSR asks for and what is issued, and keys that drivers trip over. */
final class SigningRequestLint {

  private SigningRequestLint() {}

  static List<Finding> check(SigningRequest request, SubjectAltNames issued) {
    List<Finding> findings = new ArrayList<>();
    List<String> left = new ArrayList<>(request.names().texts());
    left.removeAll(issued.texts());
    for (String name : left) {
      findings.add(
          warning(
              Code.NAME_NOT_ISSUED,
              "The CSR asks for the name %s, which is not among the endpoints".formatted(name),
              "Add it to the endpoints if clients use it: names are never taken from the CSR."));
    }
    if (request.asksForAuthority()) {
      findings.add(
          warning(
              Code.PURPOSE_NOT_ISSUED,
              "The CSR asks for an authority's certificate; what is issued is not one",
              "Create an intermediate authority for that."));
    }
    if (request.keyDescription().startsWith("Ed")) {
      findings.add(
          warning(
              Code.KEY_NOT_SUPPORTED_EVERYWHERE,
              "Clients without Ed25519 or Ed448 (Java before 15, .NET) cannot connect to this key",
              "ECDSA P-256 works everywhere."));
    }
    return List.copyOf(findings);
  }

  private static Finding warning(Code code, String message, String hint) {
    return new Finding(Severity.WARNING, code, message, hint);
  }
}
