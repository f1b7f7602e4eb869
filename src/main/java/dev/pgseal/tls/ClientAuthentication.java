package dev.pgseal.tls;

import dev.pgseal.certificate.Authority;
import dev.pgseal.certificate.SubjectLine;
import dev.pgseal.certificate.TrustBundle;
import dev.pgseal.hba.HbaRule;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.postgres.ServerSetting;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
  private final ServerConnections connections;
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
      ServerConnections connections,
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
    this.connections = connections;
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
   * What another {@code ssl_ca_file} would do.
   *
   * @param presentCaFile what it is now, empty when client certificates are not asked for
   * @param foreignSessions sessions that came with a certificate which the authority did not issue:
   *     their next handshake would fail
   */
  public record Outlook(
      String presentCaFile, List<ServerConnection> foreignSessions, List<String> remarks) {}

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

  /**
   * @param authority null for no client certificates at all
   */
  public Outlook outlook(PostgresSession session, @Nullable String authority) {
    String present = caFile(session);
    List<String> names = authority == null ? List.of() : subjects(authority);
    List<ServerConnection> foreign =
        connections.list(session).stream()
            .filter(c -> c.clientDn() != null)
            .filter(c -> authority == null || !ClientIssuer.isAmong(c, names))
            .toList();
    List<String> remarks = new ArrayList<>();
    if (present.isEmpty() && authority != null) {
      remarks.add(
          "ssl_ca_file is not set, so no client is asked for a certificate now and it cannot be seen who has one. From then on every client that presents a certificate of another authority is refused, whatever the rules say (libpq presents ~/.postgresql/postgresql.crt unasked)");
    }
    return new Outlook(present, foreign, remarks);
  }

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
    try {
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
      store.set(change.server().id(), authority);
      store.proved(change.server().id(), proof.listsSha256());
      return proof;
    } catch (PgsealException e) {
      throw TakeBack.after(e, () -> undo(change, undo));
    }
  }

  /** Writes the latest lists to a server that trusts the authority, and sees them loaded. */
  public Proof publish(ServerUnderChange change, String authority, Duration listLife) {
    preflight.forReload(change.session());
    requireServed(change);
    Undo undo = prepareUndo(change.session());
    try {
      RevocationLists.Current current = lists.current(authority, listLife);
      files.writeLists(change.session(), current.text());
      TrustBundle trusted = TrustBundle.parse(files.authorities(change.session()).orElse(""));
      Map<String, Optional<String>> wanted = new HashMap<>();
      wanted.put(CRL_FILE, Optional.of(ClientTrustFiles.LISTS_SETTING));
      Proof proof = load(change, wanted, authority, trusted, current);
      store.proved(change.server().id(), proof.listsSha256());
      return proof;
    } catch (PgsealException e) {
      throw TakeBack.after(e, () -> undo(change, undo));
    }
  }

  private boolean anyRevoked(String authority) {
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
      throw TakeBack.after(e, () -> undo(change, undo));
    }
  }

  /** Files and settings as before. */
  public void undo(ServerUnderChange change, Undo undo) {
    PostgresSession session = change.session();
    if (undo.authorities() != null || undo.lists() != null) {
      files.restore(session, undo.authorities(), undo.lists());
    }
    settings.alterSystem(session, undo.autoConf());
    change.reload();
    ssl.requireConsistent(change);
    files.restore(session, undo.authorities(), undo.lists());
  }

  /** The subject of each generation, as the sessions' {@code issuer_dn} names it. */
  private List<String> subjects(String authority) {
    return generations.chains(authorities.require(authority)).stream()
        .map(chain -> SubjectLine.of(chain.get(0)))
        .toList();
  }

  private String caFile(PostgresSession session) {
    ServerSetting setting = settings.read(session).get(CA_FILE);
    return setting == null || setting.value() == null ? "" : setting.value();
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
