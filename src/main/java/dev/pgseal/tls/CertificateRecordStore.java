package dev.pgseal.tls;

import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Where issued and installed certificates are recorded. */
public interface CertificateRecordStore {

  void insert(CertificateRecord certificate);

  Optional<CertificateRecord> find(UUID id);

  /**
   * Newest first.
   *
   * @param serverId null for those of all servers
   * @param beforeId only those older than this one
   */
  List<CertificateRecord> list(@Nullable UUID serverId, @Nullable UUID beforeId, int limit);
}
