package dev.pgseal.issuing;

import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Records which certificates were issued, and which were put onto which server. */
@ApplicationScoped
public class CertificateRecords {

  private final CertificateRecordStore store;
  private final CertificateInstallationStore installations;
  private final Clock clock;

  public CertificateRecords(
      CertificateRecordStore store, CertificateInstallationStore installations, Clock clock) {
    this.store = store;
    this.installations = installations;
    this.clock = clock;
  }

  /**
   * @param authority the issuer's name, null when self-signed or provided
   */
  public CertificateRecord issued(
      CertificatePurpose purpose,
      @Nullable String authority,
      @Nullable UUID serverId,
      CertificateDescription certificate,
      String chainPem,
      @Nullable String requestedBy) {
    CertificateRecord issued =
        CertificateRecord.of(
            purpose, authority, serverId, certificate, chainPem, requestedBy, now());
    store.insert(issued);
    return issued;
  }

  /**
   * A certificate lies on a server. One that is known already (brought along again) keeps its
   * record.
   *
   * @param keptGenerations directories that are still there, this one among them
   */
  public void installed(
      ManagedServer server,
      @Nullable String authority,
      CertificateDescription certificate,
      String chainPem,
      String generation,
      String directory,
      Set<String> keptGenerations) {
    CertificateRecord installed =
        store
            .findByFingerprint(certificate.fingerprint())
            .orElseGet(
                () ->
                    issued(
                        CertificatePurpose.SERVER,
                        authority,
                        server.id(),
                        certificate,
                        chainPem,
                        null));
    installations.insert(
        new CertificateInstallation(
            installed.id(), server.id(), server.name(), generation, directory, now(), null, null));
    installations.keepOnly(server.id(), keptGenerations);
  }

  /** The server has only these directories (any more). */
  public void keptOnly(ManagedServer server, Set<String> generations) {
    installations.keepOnly(server.id(), generations);
  }

  /** Whether that certificate came from that authority. */
  public boolean isFrom(String authority, String fingerprint) {
    return store
        .findByFingerprint(fingerprint)
        .filter(found -> authority.equals(found.authority()))
        .isPresent();
  }

  /** As precise as the control database. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
