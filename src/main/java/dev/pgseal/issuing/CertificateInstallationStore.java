package dev.pgseal.issuing;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/** Where it is recorded which certificates pgseal put onto which server. */
public interface CertificateInstallationStore {

  void insert(CertificateInstallation installation);

  /** Forgets those of a server whose directories are gone: all generations but these. */
  void keepOnly(UUID serverId, Set<String> generations);

  /** Newest first. */
  List<CertificateInstallation> of(Collection<UUID> certificateIds);
}
