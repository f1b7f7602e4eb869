package dev.pgseal.lifecycle;

import dev.pgseal.certificate.TrustBundle;
import dev.pgseal.issuing.CertificateQuery;
import dev.pgseal.issuing.CertificateRecord;
import dev.pgseal.issuing.CertificateRecordStore;
import dev.pgseal.tls.RevocationStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/** Certificates that somebody asked for and got: pgseal cannot replace those. */
@ApplicationScoped
public class OutstandingCertificates {

  private static final int PAGE = 500;
  private static final int MOST = 100;

  private final CertificateRecordStore records;
  private final RevocationStore revocations;
  private final Clock clock;

  public OutstandingCertificates(
      CertificateRecordStore records, RevocationStore revocations, Clock clock) {
    this.records = records;
    this.revocations = revocations;
    this.clock = clock;
  }

  /**
   * Subjects and serials of those that this issuer signed and that are neither expired nor revoked.
   */
  List<String> below(String authority, X509Certificate issuer) {
    TrustBundle below = new TrustBundle(List.of(issuer));
    List<String> found = new ArrayList<>();
    UUID before = null;
    List<CertificateRecord> page;
    do {
      page = records.list(new CertificateQuery(authority, null, null, Map.of()), before, PAGE);
      for (CertificateRecord record : page) {
        before = record.id();
        if (found.size() < MOST && isOut(record, authority)) {
          X509Certificate leaf = RotationChecks.leaf(record.pem());
          if (below.anchors(List.of(leaf))) {
            found.add(leaf.getSubjectX500Principal().getName() + " serial " + record.serial());
          }
        }
      }
    } while (page.size() == PAGE);
    return found;
  }

  private boolean isOut(CertificateRecord record, String authority) {
    return authority.equals(record.authority())
        && record.requestedBy() != null
        && record.notAfter().isAfter(clock.instant())
        && revocations.find(record.id()).isEmpty();
  }
}
