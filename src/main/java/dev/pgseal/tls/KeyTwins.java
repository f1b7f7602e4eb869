package dev.pgseal.tls;

import dev.pgseal.issuing.CertificateInstallation;
import dev.pgseal.issuing.CertificateInstallationStore;
import dev.pgseal.issuing.CertificateRecord;
import dev.pgseal.issuing.CertificateRecordStore;
import dev.pgseal.postgres.Fingerprints;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Notices a private key that lies on two nodes: pg_basebackup and pg_rewind copy {@code server.key}
 * like any other file (basebackup.c: excludeFiles, pg_rewind filemap.c), and whoever takes one node
 * has the identity of the other.
 */
@ApplicationScoped
public class KeyTwins {

  private final ConfiguredCertificate configured;
  private final CertificateRecordStore certificates;
  private final CertificateInstallationStore installations;
  private final ServerStore servers;
  private final ServerAccess access;

  public KeyTwins(
      ConfiguredCertificate configured,
      CertificateRecordStore certificates,
      CertificateInstallationStore installations,
      ServerStore servers,
      ServerAccess access) {
    this.configured = configured;
    this.certificates = certificates;
    this.installations = installations;
    this.servers = servers;
    this.access = access;
  }

  /**
   * Whether the configured certificate, hence its key, is another node's: one that pgseal put onto
   * another server, or the one that the upstream is configured with.
   *
   * @param upstream whom a standby streams from
   */
  public boolean sharesKey(
      PostgresSession session, ManagedServer server, @Nullable ManagedServer upstream) {
    Optional<X509Certificate> leaf = configured.leaf(session);
    return leaf.isPresent()
        && (recordedElsewhere(leaf.get(), server) || isOf(upstream, leaf.get()));
  }

  /** Whether pgseal put this certificate onto another server that it still manages. */
  public boolean recordedElsewhere(X509Certificate leaf, ManagedServer server) {
    return certificates.findByFingerprint(Fingerprints.sha256(leaf)).stream()
        .flatMap(this::places)
        .filter(id -> !id.equals(server.id()))
        .anyMatch(id -> servers.find(id).filter(other -> !sameNode(other, server)).isPresent());
  }

  private Stream<UUID> places(CertificateRecord record) {
    return Stream.concat(
        Stream.ofNullable(record.serverId()),
        installations.of(List.of(record.id())).stream().map(CertificateInstallation::serverId));
  }

  /** Registered twice. */
  private static boolean sameNode(ManagedServer one, ManagedServer other) {
    return one.host().equals(other.host()) && one.port() == other.port();
  }

  private boolean isOf(@Nullable ManagedServer upstream, X509Certificate leaf) {
    if (upstream == null) {
      return false;
    }
    try (PostgresSession there = access.fresh(upstream)) {
      return configured
          .leaf(there)
          .filter(other -> other.getPublicKey().equals(leaf.getPublicKey()))
          .isPresent();
    } catch (PgsealException e) {
      return false; // that it cannot be looked at is the concern of other steps
    }
  }
}
