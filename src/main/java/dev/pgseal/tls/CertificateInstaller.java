package dev.pgseal.tls;

import dev.pgseal.certificate.Acceptance;
import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.SubjectAltNames;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.issuing.CertificateRecords;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerSetting;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Puts a certificate and its key onto a server and sees it served, or takes both back.
 *
 * <ol>
 *   <li>A new generation directory gets key and certificate (see {@link KeyPlacement} for the key's
 *       way); nothing that is in use is touched.
 *   <li>The link {@code current} is renamed onto it, and {@code ssl_cert_file}, {@code
 *       ssl_key_file} are pointed below the link if they are not yet.
 *   <li>Reload. When {@code ssl} is on, the handshake of a fresh socket must show the new
 *       certificate; otherwise link and settings go back.
 *   <li>Generations other than the new and the previous one are removed, keys included.
 * </ol>
 */
@ApplicationScoped
public class CertificateInstaller {

  private static final Set<String> SETTINGS = Set.of("ssl", "ssl_cert_file", "ssl_key_file");

  private final Preflight preflight;
  private final CertificateFiles files;
  private final KeyPlacement placement;
  private final ServerSettings settings;
  private final SslSwitch ssl;
  private final ConfiguredCertificate configured;
  private final Authorities authorities;
  private final CertificateRecords records;
  private final InstalledCertificates installedCertificates;
  private final Clock clock;

  public CertificateInstaller(
      Preflight preflight,
      CertificateFiles files,
      KeyPlacement placement,
      ServerSettings settings,
      SslSwitch ssl,
      ConfiguredCertificate configured,
      Authorities authorities,
      CertificateRecords records,
      InstalledCertificates installedCertificates,
      Clock clock) {
    this.preflight = preflight;
    this.files = files;
    this.placement = placement;
    this.settings = settings;
    this.ssl = ssl;
    this.configured = configured;
    this.authorities = authorities;
    this.records = records;
    this.installedCertificates = installedCertificates;
    this.clock = clock;
  }

  /**
   * @param accepted what of the checks on a provided certificate the caller waives
   */
  public record Request(
      CertificateSource source, KeyType keyType, Duration validity, Set<Acceptance> accepted) {
    public Request {
      accepted = Set.copyOf(accepted);
    }
  }

  /**
   * @param activeGeneration what {@code current} pointed at; null when it was not there
   * @param autoConf what postgresql.auto.conf said of the two file settings, and of {@code ssl},
   *     which a {@link FirstContact} that was killed leaves on
   */
  public record Undo(@Nullable String activeGeneration, Map<String, Optional<String>> autoConf) {}

  public Undo prepareUndo(ServerUnderChange change) {
    PostgresSession session = change.session();
    return new Undo(files.active(session).orElse(null), settings.autoConf(session, SETTINGS));
  }

  /** The names that the certificate of a server must cover. */
  public static List<String> endpoints(ManagedServer server) {
    return server.endpoints().isEmpty() ? List.of(server.host()) : server.endpoints();
  }

  /**
   * True when a certificate of the wanted authority is configured that covers the endpoints and has
   * more than a third of its life before it.
   */
  public boolean isGoodAlready(ServerUnderChange change, Request request) {
    if (!(request.source() instanceof CertificateSource.FromAuthority from)) {
      return false;
    }
    return configured.leaf(change.session()).filter(leaf -> isGood(change, from, leaf)).isPresent();
  }

  private boolean isGood(
      ServerUnderChange change, CertificateSource.FromAuthority from, X509Certificate leaf) {
    SubjectAltNames names = SubjectAltNames.of(leaf);
    Instant end = leaf.getNotAfter().toInstant();
    Duration life = Duration.between(leaf.getNotBefore().toInstant(), end);
    return isFrom(from.authority(), leaf)
        && endpoints(change.server()).stream().allMatch(names::covers)
        && clock.instant().plus(life.dividedBy(3)).isBefore(end);
  }

  /**
   * A CA outside signs with whichever of its intermediates it likes, so there the record counts.
   */
  private boolean isFrom(String authority, X509Certificate leaf) {
    List<X509Certificate> chain = Authorities.chain(authorities.require(authority));
    return chain.isEmpty()
        ? records.isFrom(authority, CertificateDescription.fingerprint(leaf))
        : signedBy(leaf, chain.get(0));
  }

  private static boolean signedBy(X509Certificate leaf, X509Certificate issuer) {
    try {
      leaf.verify(issuer.getPublicKey());
      return true;
    } catch (java.security.GeneralSecurityException e) {
      return false;
    }
  }

  /**
   * @throws PgsealException {@code CERTIFICATE_INVALID} before anything was changed, {@code
   *     FILE_NOT_WRITTEN}, {@code CERTIFICATE_NOT_SERVED}, {@code SSL_NOT_TAKEN} after it was
   *     undone
   */
  public InstalledCertificate install(ServerUnderChange change, Request request, Undo undo) {
    preflight.forSsl(change.session());
    String generation = files.newGeneration();
    try {
      KeyPlacement.Placed placed = placement.place(change, request, generation);
      activate(change, generation);
      String served = servedFingerprint(change, placed.certificate());
      Set<String> kept = keep(generation, undo);
      files.prune(change.session(), kept);
      InstalledCertificate installed =
          new InstalledCertificate(
              placed.certificate(),
              placed.chainPem(),
              generation,
              files.directory(change.session(), generation),
              placed.keyOrigin(),
              served,
              placed.warnings());
      change.requireHeld();
      record(change, request, installed, kept);
      return installed;
    } catch (PgsealException e) {
      throw TakeBack.after(e, () -> undo(change, undo));
    }
  }

  private void record(
      ServerUnderChange change, Request request, InstalledCertificate installed, Set<String> kept) {
    String authority =
        request.source() instanceof CertificateSource.FromAuthority from ? from.authority() : null;
    records.installed(
        change.server(),
        authority,
        installed.certificate(),
        installed.chainPem(),
        installed.generation(),
        installed.directory(),
        kept);
    installedCertificates.installed(
        change.server().id(), authority, request.keyType().name(), request.validity());
  }

  private void activate(ServerUnderChange change, String generation) {
    PostgresSession session = change.session();
    files.activate(session, generation);
    Map<String, Optional<String>> wanted = new HashMap<>();
    wanted.put("ssl_cert_file", Optional.of(CertificateFiles.CERTIFICATE_SETTING));
    wanted.put("ssl_key_file", Optional.of(CertificateFiles.KEY_SETTING));
    settings.alterSystem(session, wanted);
    change.reload();
  }

  private @Nullable String servedFingerprint(
      ServerUnderChange change, CertificateDescription certificate) {
    try (PostgresSession fresh = change.fresh()) {
      ServerSetting setting = settings.read(fresh).get("ssl");
      if (setting == null || !"on".equals(setting.value())) {
        return null;
      }
    }
    return ssl.requireServed(change, certificate.fingerprint()).fingerprint();
  }

  /**
   * Link and settings as before; the new generation, its key included, is removed. When the earlier
   * one is not there any more, because its key was removed already, the present one stays: it is
   * the only one with a key.
   */
  public void undo(ServerUnderChange change, Undo undo) {
    PostgresSession session = change.session();
    if (undo.activeGeneration() != null && !files.exists(session, undo.activeGeneration())) {
      return;
    }
    if (undo.activeGeneration() == null) {
      files.deactivate(session);
    } else {
      files.activate(session, undo.activeGeneration());
    }
    settings.alterSystem(session, undo.autoConf());
    change.reload();
    files.prune(session, keep(null, undo));
    change.requireHeld();
    records.keptOnly(change.server(), keep(null, undo));
    ssl.requireConsistent(change);
  }

  /** Removes every generation but the one in use, keys included; nothing can be undone after it. */
  public void removeOthers(ServerUnderChange change) {
    Optional<String> active = files.active(change.session());
    if (active.isPresent()) {
      files.prune(change.session(), Set.of(active.get()));
      change.requireHeld();
      records.keptOnly(change.server(), Set.of(active.get()));
    }
  }

  private static Set<String> keep(@Nullable String generation, Undo undo) {
    Set<String> keep = new HashSet<>();
    if (generation != null) {
      keep.add(generation);
    }
    if (undo.activeGeneration() != null) {
      keep.add(undo.activeGeneration());
    }
    return keep;
  }
}
