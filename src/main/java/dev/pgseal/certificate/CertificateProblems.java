package dev.pgseal.certificate;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;

/** The refusals of this package. Nothing of a key's content ever goes into them. */
final class CertificateProblems {

  private CertificateProblems() {}

  /** Material that was handed in cannot be used. */
  static PgsealException invalid(String detail) {
    return new PgsealException(ProblemType.CERTIFICATE_INVALID, detail);
  }

  /** A value of the request breaks a rule before any material is looked at. */
  static PgsealException malformed(String detail) {
    return new PgsealException(ProblemType.VALIDATION_FAILED, detail);
  }

  /** The issuing authority's policy does not allow it. */
  static PgsealException againstPolicy(String detail) {
    return new PgsealException(ProblemType.POLICY_VIOLATION, detail);
  }

  /** A CA outside answered with what cannot be used. */
  static PgsealException issuerFault(String detail) {
    return new PgsealException(ProblemType.ISSUER_FAULT, detail);
  }
}
