package dev.pgseal.lifecycle;

import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.postgres.TlsAnswer;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.RenewalStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.Optional;

/** Looks at the certificate that a server really serves, and keeps what was seen. */
@ApplicationScoped
public class ServedCertificates {

  private final WireProbe wire;
  private final RenewalStore store;
  private final Clock clock;

  public ServedCertificates(WireProbe wire, RenewalStore store, Clock clock) {
    this.wire = wire;
    this.store = store;
    this.clock = clock;
  }

  /**
   * Empty when no certificate can be seen now; of a server that does not answer the last one is
   * kept.
   */
  public Optional<RenewalStore.Observed> look(ManagedServer server) {
    TlsAnswer answer = wire.tls(server.host(), server.port());
    if (answer instanceof TlsAnswer.Served served) {
      CertificateDescription leaf = CertificateDescription.of(served.leaf());
      RenewalStore.Observed observed =
          new RenewalStore.Observed(
              server.id(),
              server.name(),
              leaf.fingerprint(),
              leaf.issuer(),
              leaf.notBefore(),
              leaf.notAfter(),
              clock.instant());
      store.observed(observed);
      return Optional.of(observed);
    }
    if (answer instanceof TlsAnswer.NotOffered) {
      store.forget(server.id());
    }
    return Optional.empty();
  }
}
