package dev.pgseal.tls;

import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.UUID;

/** Records which certificates were put onto which server. */
@ApplicationScoped
public class CertificateRecords {

  private final CertificateRecordStore store;
  private final Clock clock;

  public CertificateRecords(CertificateRecordStore store, Clock clock) {
    this.store = store;
    this.clock = clock;
  }

  public void installed(
      ManagedServer server, CertificateSource source, InstalledCertificate installed) {
    store.insert(
        new CertificateRecord(
            UUID.randomUUID(),
            source instanceof CertificateSource.FromAuthority from ? from.authority() : null,
            server.id(),
            installed.certificate().serialNumber(),
            installed.certificate().fingerprint(),
            installed.certificate().names(),
            installed.certificate().notBefore(),
            installed.certificate().notAfter(),
            installed.chainPem(),
            clock.instant()));
  }
}
