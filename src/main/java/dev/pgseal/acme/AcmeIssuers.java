package dev.pgseal.acme;

import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.OutsideIssuerCheck;
import dev.pgseal.certificate.TrustBundle;
import dev.pgseal.issuing.CertificateIssuer;
import dev.pgseal.issuing.ExternalAccount;
import dev.pgseal.issuing.ExternalIssuers;
import dev.pgseal.issuing.ExternalRegistration;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.Optional;

/** CAs that are asked by ACME (RFC 8555). */
@ApplicationScoped
public class AcmeIssuers implements ExternalIssuers {

  private final AcmeConfig config;
  private final Clock clock;

  public AcmeIssuers(AcmeConfig config, Clock clock) {
    this.config = config;
    this.clock = clock;
  }

  @Override
  public ExternalAccount register(ExternalRegistration registration) {
    return new AcmeRegistration(config).register(registration).toExternal();
  }

  @Override
  public CertificateIssuer open(
      ExternalAccount account, AuthorityPolicy policy, Optional<TrustBundle> trusted) {
    return new AcmeIssuer(
        AcmeAccount.of(account), new OutsideIssuerCheck(policy, trusted, clock), config, clock);
  }
}
