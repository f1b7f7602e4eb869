package dev.pgseal.acme;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.certificate.TrustBundle;
import dev.pgseal.issuing.CertificateIssuer;
import dev.pgseal.issuing.ExternalAccount;
import dev.pgseal.issuing.ExternalRegistration;
import dev.pgseal.issuing.ExternalRegistration.Binding;
import dev.pgseal.issuing.ExternalRegistration.DnsWebhook;
import dev.pgseal.problem.PgsealException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;

/** Short names for what most tests do with a CA. */
final class AcmeFixture {

  static final Clock CLOCK = Clock.systemUTC();

  /** Pebble issues for five years. */
  static final AuthorityPolicy POLICY =
      new AuthorityPolicy(Duration.ofDays(5 * 366), Set.of(), List.of());

  static final AcmeIssuers ISSUERS = new AcmeIssuers(AcmeTimes.USUAL, CLOCK);

  private AcmeFixture() {}

  static ExternalAccount account(Pebble ca) {
    return account(ca, ca.directory(), ca.hook().webhook(), null);
  }

  static ExternalAccount account(
      Pebble ca, URI directory, @Nullable DnsWebhook webhook, @Nullable Binding binding) {
    return ISSUERS.register(
        new ExternalRegistration(
            directory, ca.directoryRoots(), List.of("mailto:dba@example.com"), binding, webhook));
  }

  /** Whose certificates lead to the root that clients trust. */
  static CertificateIssuer open(ExternalAccount account, Pebble ca) {
    return ISSUERS.open(account, POLICY, trusted(ca, 0));
  }

  static Optional<TrustBundle> trusted(Pebble ca, int root) {
    return Optional.of(TrustBundle.parse(ca.root(root)));
  }

  static ServerCertificateRequest request(String... endpoints) {
    return new ServerCertificateRequest(
        List.of(endpoints), Duration.ofDays(90), KeyType.ECDSA_P256);
  }

  static PgsealException refused(ThrowingCallable call) {
    PgsealException problem = catchThrowableOfType(PgsealException.class, call);
    if (problem == null) {
      throw new AssertionError("It was not refused");
    }
    return problem;
  }
}
