package dev.pgseal.certificate;

import dev.pgseal.certificate.Finding.Code;
import java.util.ArrayList;
import java.util.List;

/** Differences between what a CSR asks for and what is issued, and keys that drivers trip over. */
final class SigningRequestLint {

  private SigningRequestLint() {}

  static List<Finding> server(SigningRequest request, SubjectAltNames issued) {
    List<Finding> findings = new ArrayList<>();
    List<String> left = new ArrayList<>(request.names().texts());
    left.removeAll(issued.texts());
    for (String name : left) {
      findings.add(
          IssuedLint.warning(
              Code.NAME_NOT_ISSUED,
              "The CSR asks for the name %s, which is not among the endpoints".formatted(name),
              "Add it to the endpoints if clients use it: names are never taken from the CSR."));
    }
    findings.addAll(purpose(request));
    return List.copyOf(findings);
  }

  static List<Finding> client(SigningRequest request, String commonName) {
    List<Finding> findings = new ArrayList<>();
    String wanted = DistinguishedName.commonName(commonName).toString();
    if (!request.subject().isEmpty() && !request.subject().equals(wanted)) {
      findings.add(
          IssuedLint.warning(
              Code.NAME_NOT_ISSUED,
              "The CSR asks for the subject %s, what is issued is %s"
                  .formatted(request.subject(), wanted),
              "The name is that of the request, never of the CSR."));
    }
    findings.addAll(purpose(request));
    return List.copyOf(findings);
  }

  private static List<Finding> purpose(SigningRequest request) {
    return request.asksForAuthority()
        ? List.of(
            IssuedLint.warning(
                Code.PURPOSE_NOT_ISSUED,
                "The CSR asks for an authority's certificate; what is issued is not one",
                "Create an intermediate authority for that."))
        : List.of();
  }
}
