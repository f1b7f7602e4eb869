package dev.pgseal.issuing;

import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.TrustBundle;
import java.util.Optional;

/** The protocol of CAs outside: how to open an account there and how to use it. */
public interface ExternalIssuers {

  /**
   * Opens an account with the CA, or finds the one that the key has.
   *
   * @throws dev.pgseal.problem.PgsealException {@code ISSUER_FAULT} when the CA refuses or cannot
   *     be reached, {@code VALIDATION_FAILED}
   */
  ExternalAccount register(ExternalRegistration registration);

  /**
   * @param policy held against what is asked of the CA and against what it answers
   * @param trusted what clients trust of the CA; a certificate that does not lead there is refused.
   *     Empty when it is not known
   */
  CertificateIssuer open(
      ExternalAccount account, AuthorityPolicy policy, Optional<TrustBundle> trusted);
}
