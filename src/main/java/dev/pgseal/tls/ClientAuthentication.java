package dev.pgseal.tls;

import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.TrustBundle;
import dev.pgseal.hba.HbaRule;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerSetting;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Lets a server take client certificates of one of our authorities ({@code ssl_ca_file}, {@code
 * ssl_crl_file}), publishes revocation lists there, and takes both back.
 *
 * <p>Whatever is set is tried from outside with certificates made for it: one of the authority must
 * be taken, one of an unknown authority refused, one that the list revokes refused as revoked.
 */
@ApplicationScoped
public class ClientAuthentication {

  private static final String CA_FILE = "ssl_ca_file";
  private static final String CRL_FILE = "ssl_crl_file";
  private static final Set<String> SETTINGS = Set.of(CA_FILE, CRL_FILE);

  private final Preflight preflight;
  private final ServerSettings settings;
  private final HbaLoader hba;
  private final ClientTrustFiles files;
  private final ClientTrustStore store;
  private final Authorities authorities;
  private final AuthorityGenerations generations;
  private final RevocationStore revocations;
  private final RevocationLists lists;
  private final ThrowAwayClients clients;
  private final SslSwitch ssl;

  public ClientAuthentication(
      Preflight preflight,
      ServerSettings settings,
      HbaLoader hba,
      ClientTrustFiles files,
      ClientTrustStore store,
      Authorities authorities,
      AuthorityGenerations generations,
      RevocationStore revocations,
      RevocationLists lists,
      ThrowAwayClients clients,
      SslSwitch ssl) {
    this.preflight = preflight;
    this.settings = settings;
    this.hba = hba;
    this.files = files;
    this.store = store;
    this.authorities = authorities;
    this.generations = generations;
    this.revocations = revocations;
    this.lists = lists;
    this.clients = clients;
    this.ssl = ssl;
  }

  /**
   * @param authorities content of the file, null when it was not there
   * @param lists content of the file, null when it was not there
   */
  public record Undo(
      Map<String, Optional<String>> autoConf,
      @Nullable String authorities,
      @Nullable String lists) {}

  /**
   * @param trusted the authorities of which a client certificate was taken
   * @param listsSha256 of the revocation lists that were proved to be loaded, null without any
   */
  public record Proof(List<String> trusted, @Nullable String listsSha256) {}

  public Undo prepareUndo(PostgresSession session) {
    return new Undo(
        settings.autoConf(session, SETTINGS),
        files.authorities(session).orElse(null),
        files.lists(session).orElse(null));
  }

  /**
   * Trusts every generation of the authority, with its revocation lists when anything was revoked.
   *
   * @throws PgsealException {@code ILLEGAL_STATE} while TLS is not served, {@code SSL_NOT_TAKEN}
   *     after it was undone
   */
  public Proof trust(ServerUnderChange change, String authority, Duration listLife) {
    return trust(
        change, authority, generations.requireBundle(authorities.require(authority)), listLife);
  }

  /**
   * @param bundle what to trust, if not every generation
   */
  public Proof trust(
      ServerUnderChange change, String authority, TrustBundle bundle, Duration listLife) {
    preflight.forSsl(change.session());
    settings.requireChangeable(change.session(), SETTINGS);
    requireServed(change);
    Undo undo = prepareUndo(change.session());
    Optional<ClientTrustStore.ClientTrust> before = store.find(change.server().id());
    try {
      // first, so that a list which gets there is renewed whatever happens to pgseal
      store.set(change.server().id(), authority);
      RevocationLists.Current current =
          anyRevoked(authority) ? lists.current(authority, listLife) : null;
      files.writeAuthorities(change.session(), bundle.pem());
      Map<String, Optional<String>> wanted = new HashMap<>();
      wanted.put(CA_FILE, Optional.of(ClientTrustFiles.AUTHORITIES_SETTING));
      if (current != null) {
        files.writeLists(change.session(), current.text());
      }
      wanted.put(CRL_FILE, Optional.of(current == null ? "" : ClientTrustFiles.LISTS_SETTING));
      Proof proof = load(change, wanted, authority, bundle, current);
      store.proved(change.server().id(), proof.listsSha256());
      return proof;
    } catch (PgsealException e) {
      throw TakeBack.after(
          e,
          () -> {
            restore(change, undo);
            putBack(change, before);
          });
    }
  }

  /** Writes the latest lists to a server that trusts the authority, and sees them loaded. */
  public Proof publish(ServerUnderChange change, String authority, Duration listLife) {
    preflight.forReload(change.session());
    requireServed(change);
    Undo undo = prepareUndo(change.session());
    try {
      TrustBundle trusted = requireTrusted(change, authority);
      RevocationLists.Current current = lists.current(authority, listLife);
      files.writeLists(change.session(), current.text());
      Map<String, Optional<String>> wanted = new HashMap<>();
      wanted.put(CRL_FILE, Optional.of(ClientTrustFiles.LISTS_SETTING));
      Proof proof = load(change, wanted, authority, trusted, current);
      store.proved(change.server().id(), proof.listsSha256());
      return proof;
    } catch (PgsealException e) {
      throw TakeBack.after(e, () -> restore(change, undo));
    }
  }

  /** The lists of an authority that the server does not trust would refuse everybody there. */
  private TrustBundle requireTrusted(ServerUnderChange change, String authority) {
    List<X509Certificate> roots = generations.requireBundle(authorities.require(authority)).roots();
    return files
        .authorities(change.session())
        .map(TrustBundle::parse)
        .filter(bundle -> bundle.roots().stream().anyMatch(roots::contains))
        .orElseThrow(
            () ->
                new PgsealException(
                        ProblemType.ILLEGAL_STATE,
                        "ssl_ca_file of %s has no root of %s"
                            .formatted(change.server().name(), authority))
                    .hint("PUT its client-authentication again: that was broken off"));
  }

  /** Whether servers that trust the authority need its lists. */
  public boolean anyRevoked(String authority) {
    return generations.family(authorities.require(authority)).stream()
        .anyMatch(member -> revocations.anyRevoked(member.name()));
  }

  private Proof load(
      ServerUnderChange change,
      Map<String, Optional<String>> wanted,
      String authority,
      TrustBundle bundle,
      RevocationLists.@Nullable Current current) {
    settings.alterSystem(change.session(), wanted);
    change.reload();
    ssl.requireConsistent(change);
    List<String> trusted = new ArrayList<>();
    for (Authority generation : generations.open(authorities.require(authority))) {
      if (bundle.roots().contains(generation.root())) {
        clients.requireTaken(change.login(), generation);
        trusted.add(generation.certificate().getSubjectX500Principal().getName());
      }
    }
    clients.requireForeignRefused(change.login());
    if (current == null) {
      return new Proof(trusted, null);
    }
    current.canaries().stream()
        .filter(canary -> bundle.anchors(canary.chain()))
        .forEach(canary -> clients.requireRevoked(change.login(), canary));
    return new Proof(trusted, current.sha256());
  }

  /**
   * Asks no client for a certificate any more.
   *
   * @throws PgsealException {@code LOCKOUT_RISK} while a rule asks for client certificates
   */
  public void release(ServerUnderChange change) {
    preflight.forSsl(change.session());
    for (HbaRule rule : hba.load(change.session()).document().rules()) {
      if (rule.needsClientCertificate() && rule.admits()) {
        throw new PgsealException(
                ProblemType.LOCKOUT_RISK,
                "Line %d of pg_hba.conf asks for client certificates: without ssl_ca_file every connection that it decides would fail"
                    .formatted(rule.line()))
            .with("line", rule.line())
            .hint("Change that rule first");
      }
    }
    Undo undo = prepareUndo(change.session());
    try {
      settings.alterSystem(
          change.session(), Map.of(CA_FILE, Optional.of(""), CRL_FILE, Optional.of("")));
      change.reload();
      ssl.requireConsistent(change);
      store.remove(change.server().id());
    } catch (PgsealException e) {
      throw TakeBack.after(e, () -> restore(change, undo));
    }
  }

  /**
   * Files and settings as before, of a server that took certificates of the same authority before
   * or of none. Which lists it has is not known then, so the next check brings them there.
   */
  public void undo(ServerUnderChange change, Undo undo) {
    restore(change, undo);
    if (undo.autoConf().getOrDefault(CA_FILE, Optional.empty()).orElse("").isEmpty()) {
      store.remove(change.server().id());
    } else {
      store.proved(change.server().id(), null);
    }
  }

  private void putBack(ServerUnderChange change, Optional<ClientTrustStore.ClientTrust> before) {
    UUID server = change.server().id();
    if (before.isEmpty()) {
      store.remove(server);
      return;
    }
    store.set(server, before.get().authority());
    store.proved(server, before.get().listsSha256());
    if (before.get().attemptedAt() != null) {
      store.attempted(server, before.get().attemptedAt());
    }
  }

  private void restore(ServerUnderChange change, Undo undo) {
    PostgresSession session = change.session();
    if (undo.authorities() != null || undo.lists() != null) {
      files.restore(session, undo.authorities(), undo.lists());
    }
    settings.alterSystem(session, undo.autoConf());
    change.reload();
    ssl.requireConsistent(change);
    files.restore(session, undo.authorities(), undo.lists());
  }

  private void requireServed(ServerUnderChange change) {
    ServerSetting setting = settings.read(change.session()).get("ssl");
    if (setting == null || !"on".equals(setting.value())) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE,
              change.server().name() + " does not serve TLS: client certificates need it")
          .hint("Turn ssl on first");
    }
  }
}
