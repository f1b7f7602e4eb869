package dev.pgseal.issuing;

import dev.pgseal.certificate.AuthorityPolicy;

/** The protocol of CAs outside: how to open an account there and how to use it. */
public interface ExternalIssuers {

  /**
   * Opens an account with the CA, or finds the one that the key has.
   *
   * @throws dev.pgseal.problem.PgsealException {@code ISSUER_FAULT} when the CA refuses or cannot
   *     be reached, {@code VALIDATION_FAILED}
   */
  ExternalAccount register(ExternalRegistration registration);

  CertificateIssuer open(ExternalAccount account, AuthorityPolicy policy);
}
