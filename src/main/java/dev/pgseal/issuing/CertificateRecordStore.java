package dev.pgseal.issuing;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Where issued and installed certificates are recorded. */
public interface CertificateRecordStore {

  void insert(CertificateRecord certificate);

  Optional<CertificateRecord> find(UUID id);

  /** The newest one of that certificate (SHA-256 of the DER, lower-case hex). */
  Optional<CertificateRecord> findByFingerprint(String fingerprint);

  /**
   * Newest first.
   *
   * @param beforeId only those older than this one
   */
  List<CertificateRecord> list(CertificateQuery query, @Nullable UUID beforeId, int limit);
}
