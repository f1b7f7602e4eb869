package dev.pgseal.acme;

import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.issuing.CertificateIssuer;
import dev.pgseal.issuing.ExternalAccount;
import dev.pgseal.issuing.ExternalIssuers;
import dev.pgseal.issuing.ExternalRegistration;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;

/** ACME CAs. */
@ApplicationScoped
public class AcmeIssuers implements ExternalIssuers {

  @Override
  public ExternalAccount register(ExternalRegistration registration) {
    throw new PgsealException(ProblemType.ISSUER_FAULT, "ACME is not there yet");
  }

  @Override
  public CertificateIssuer open(ExternalAccount account, AuthorityPolicy policy) {
    throw new PgsealException(ProblemType.ISSUER_FAULT, "ACME is not there yet");
  }
}
