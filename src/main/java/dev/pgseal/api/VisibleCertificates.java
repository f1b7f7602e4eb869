package dev.pgseal.api;

import dev.pgseal.issuing.CertificateInstallation;
import dev.pgseal.issuing.CertificateInstallationStore;
import dev.pgseal.issuing.CertificateQuery;
import dev.pgseal.issuing.CertificateRecord;
import dev.pgseal.issuing.CertificateRecordStore;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The records of certificates that were made for a server of the caller's grant or lie on one; to
 * somebody who is limited to some servers no other one is there ({@code AccessTest}).
 */
@ApplicationScoped
public class VisibleCertificates {

  private final CertificateRecordStore records;
  private final CertificateInstallationStore installations;
  private final VisibleServers servers;
  private final Caller caller;

  public VisibleCertificates(
      CertificateRecordStore records,
      CertificateInstallationStore installations,
      VisibleServers servers,
      Caller caller) {
    this.records = records;
    this.installations = installations;
    this.servers = servers;
    this.caller = caller;
  }

  /**
   * @throws PgsealException {@code NOT_FOUND}
   */
  CertificateRecord require(UUID id) {
    return records
        .find(id)
        .filter(this::visible)
        .orElseThrow(
            () -> new PgsealException(ProblemType.NOT_FOUND, "There is no certificate " + id));
  }

  private boolean visible(CertificateRecord record) {
    return caller.grant().wholeFleet()
        || (record.serverId() != null && servers.contains(record.serverId()))
        || !installations(List.of(record)).isEmpty();
  }

  /** Newest first; as {@link CertificateRecordStore#list}. */
  List<CertificateRecord> list(
      @Nullable String authority,
      @Nullable UUID serverId,
      @Nullable Instant expiringBefore,
      @Nullable UUID beforeId,
      int limit) {
    return records.list(
        new CertificateQuery(authority, serverId, expiringBefore, caller.grant().serverLabels()),
        beforeId,
        limit);
  }

  /** Where they lie, newest first, as far as the caller may see those servers. */
  List<CertificateInstallation> installations(List<CertificateRecord> of) {
    List<CertificateInstallation> all =
        installations.of(of.stream().map(CertificateRecord::id).toList());
    if (caller.grant().wholeFleet()) {
      return all;
    }
    Set<UUID> visible =
        all.stream()
            .map(CertificateInstallation::serverId)
            .distinct()
            .filter(servers::contains)
            .collect(Collectors.toSet());
    return all.stream().filter(there -> visible.contains(there.serverId())).toList();
  }
}
