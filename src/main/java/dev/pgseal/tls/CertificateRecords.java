package dev.pgseal.tls;

import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.UUID;

/** Records which certificates were put onto which server. */
@ApplicationScoped
public class CertificateRecords {

  private final CertificateRecordStore store;
  private final InstalledCertificates installed;
  private final Clock clock;

  public CertificateRecords(
      CertificateRecordStore store, InstalledCertificates installed, Clock clock) {
    this.store = store;
    this.installed = installed;
    this.clock = clock;
  }

  public void installed(
      ManagedServer server, CertificateInstaller.Request request, InstalledCertificate installed) {
    String authority =
        request.source() instanceof CertificateSource.FromAuthority from ? from.authority() : null;
    store.insert(
        new CertificateRecord(
            UUID.randomUUID(),
            authority,
            server.id(),
            installed.certificate().serialNumber(),
            installed.certificate().fingerprint(),
            installed.certificate().names(),
            installed.certificate().notBefore(),
            installed.certificate().notAfter(),
            installed.chainPem(),
            clock.instant()));
    this.installed.installed(server.id(), authority, request.keyType().name(), request.validity());
  }
}
