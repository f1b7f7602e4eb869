package dev.pgseal.tls;

import dev.pgseal.certificate.Pem;
import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.FileMode;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.Replication;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.postgres.ServerFiles;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.postgres.TlsAnswer;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Moves a standby's replication stream onto TLS and back.
 *
 * <p>A changed {@code primary_conninfo} tears the healthy stream down before the new one is tried
 * (POSTGRES source xlog.c, walreceiver.c): so the new string is checked against the primary first,
 * and the old one comes back when the stream does not.
 */
@ApplicationScoped
public class ReplicationTls {

  static final String TRUST = "/trust";

  private static final String SETTING = "primary_conninfo";
  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
  private static final Duration RECONNECT = Duration.ofSeconds(30);

  private final Replication replication;
  private final ServerConnections connections;
  private final ServerSettings settings;
  private final ServerFiles files;
  private final WireProbe wire;
  private final ServerAccess access;
  private final PrimaryPassfile passfile;
  private final Duration reconnect;

  @Inject
  public ReplicationTls(
      Replication replication,
      ServerConnections connections,
      ServerSettings settings,
      ServerFiles files,
      WireProbe wire,
      ServerAccess access) {
    this(replication, connections, settings, files, wire, access, RECONNECT);
  }

  /**
   * @param reconnect how long the stream may take to come back
   */
  ReplicationTls(
      Replication replication,
      ServerConnections connections,
      ServerSettings settings,
      ServerFiles files,
      WireProbe wire,
      ServerAccess access,
      Duration reconnect) {
    this.replication = replication;
    this.connections = connections;
    this.settings = settings;
    this.files = files;
    this.wire = wire;
    this.access = access;
    this.passfile = new PrimaryPassfile(files);
    this.reconnect = reconnect;
  }

  /** What {@code primary_conninfo} was in postgresql.auto.conf; holds a password. */
  public record Undo(Optional<String> autoConf) {
    @Override
    public String toString() {
      return "Undo[primary_conninfo]";
    }
  }

  /**
   * @param sslMode what the standby now asks for
   * @param remark why it is not {@code verify-full}, empty when it is
   */
  public record Secured(String sslMode, String host, String remark) {}

  public Undo prepareUndo(PostgresSession standby) {
    return new Undo(
        settings.autoConf(standby, Set.of(SETTING)).getOrDefault(SETTING, Optional.empty()));
  }

  /** True when the standby asks for TLS and the primary's end of the stream is TLS. */
  public boolean isSecured(PostgresSession standby, ManagedServer primary) {
    String mode = conninfo(standby).get("sslmode").orElse("prefer");
    return mode.startsWith("verify-")
        && receives(standby)
        && streamsOver(primary, Encryption.TLS, Instant.EPOCH);
  }

  /**
   * @param trust PEM of the authorities of the primary's certificate; null when none is known, then
   *     the stream is encrypted but not verified
   * @throws PgsealException {@code ILLEGAL_STATE} before anything was changed, {@code
   *     CERTIFICATE_NOT_SERVED} when the primary's certificate does not fit, {@code SERVER_FAULT}
   *     after the old string came back
   */
  public Secured secure(ServerUnderChange standby, ManagedServer primary, @Nullable String trust) {
    PostgresSession session = standby.session();
    PrimaryConninfo before = conninfo(session);
    String host = before.get("host").orElseGet(() -> before.get("hostaddr").orElse(""));
    Secured target = target(session, before, host, primary, trust);
    PrimaryConninfo wanted = before.with("sslmode", target.sslMode());
    if (trust != null) {
      String file = trustFile(session);
      files.createDirectory(session, CertificateFiles.base(session) + TRUST);
      files.replace(session, file, trust.getBytes(StandardCharsets.US_ASCII), FileMode.OWNER_ONLY);
      wanted = wanted.with("sslrootcert", file);
    }
    change(standby, primary, passfile.keep(standby, wanted), Encryption.TLS);
    return target;
  }

  /** The absolute path of the file that holds what a standby trusts. */
  static String trustFile(PostgresSession standby) {
    return CertificateFiles.base(standby) + TRUST + "/primary.crt";
  }

  /** Lets the standby come in plaintext again: what {@code pg_basebackup -R} writes. */
  public void release(ServerUnderChange standby, ManagedServer primary) {
    PrimaryConninfo before = conninfo(standby.session());
    PrimaryConninfo wanted = before.with("sslmode", "prefer");
    String ours = CertificateFiles.base(standby.session()) + TRUST + "/";
    if (before.get("sslrootcert").filter(file -> file.startsWith(ours)).isPresent()) {
      wanted = wanted.without("sslrootcert");
    }
    change(standby, primary, passfile.keep(standby, wanted), null);
  }

  /**
   * Puts the string back, with its password in the passfile, and sees the standby stream. Where it
   * is back already nothing restarts the stream, so no new one is waited for.
   */
  public void undo(ServerUnderChange standby, ManagedServer primary, Undo undo) {
    Instant since = primaryClock(primary);
    awaitStream(standby, primary, null, putBack(standby, undo) ? since : Instant.EPOCH);
  }

  /** True when the string changed. */
  private boolean putBack(ServerUnderChange standby, Undo undo) {
    String before = replication.primaryConninfo(standby.session()).orElse("");
    if (!prepareUndo(standby.session()).equals(undo)) {
      alter(
          standby,
          undo.autoConf().map(text -> passfile.keep(standby, PrimaryConninfo.parse(text)).text()));
    }
    standby.reload();
    try (PostgresSession fresh = standby.fresh()) {
      return !before.equals(replication.primaryConninfo(fresh).orElse(""));
    }
  }

  private void change(
      ServerUnderChange standby,
      ManagedServer primary,
      PrimaryConninfo wanted,
      @Nullable Encryption expected) {
    if (wanted.text().equals(replication.primaryConninfo(standby.session()).orElse(""))) {
      // nothing restarts the stream, but an earlier run may have stopped before it saw it come back
      awaitStream(standby, primary, expected, Instant.EPOCH);
      return;
    }
    Undo undo = prepareUndo(standby.session());
    Instant since = primaryClock(primary);
    alter(standby, Optional.of(wanted.text()));
    standby.reload();
    try {
      awaitStream(standby, primary, expected, since);
    } catch (PgsealException e) {
      throw TakeBack.after(e, () -> putBack(standby, undo));
    }
  }

  private void alter(ServerUnderChange standby, Optional<String> value) {
    settings.alterSystem(standby.session(), Map.of(SETTING, value));
  }

  private Secured target(
      PostgresSession standby,
      PrimaryConninfo conninfo,
      String host,
      ManagedServer primary,
      @Nullable String trust) {
    TlsAnswer answer = wire.tls(primary.host(), primary.port());
    if (!(answer instanceof TlsAnswer.Served served)) {
      throw new PgsealException(
              ProblemType.SSL_NOT_TAKEN,
              "The primary %s does not serve TLS (%s), its standby would be cut off"
                  .formatted(primary.name(), TlsWords.describe(answer)))
          .with("server", primary.name());
    }
    if (trust == null) {
      return new Secured(
          "require", host, "no authority of the primary's certificate is known: not verified");
    }
    if (!TrustAnchors.chainsTo(served.chain(), Pem.certificates(trust))) {
      throw new PgsealException(
              ProblemType.CERTIFICATE_NOT_SERVED,
              "The certificate that the primary %s serves does not chain to the authority"
                  .formatted(primary.name()))
          .with("server", primary.name());
    }
    if (conninfo.get("host").isEmpty()) {
      return new Secured(
          "verify-ca", host, "libpq verifies a name only where primary_conninfo has a host");
    }
    boolean libpq14 = standby.major() < 15;
    return TrustAnchors.names(served.leaf(), host, libpq14)
        ? new Secured("verify-full", host, "")
        : new Secured(
            "verify-ca",
            host,
            "the primary's certificate does not name %s%s: add it to the endpoints of %s"
                .formatted(host, libpq14 ? " as a DNS name" : "", primary.name()));
  }

  private void awaitStream(
      ServerUnderChange standby,
      ManagedServer primary,
      @Nullable Encryption expected,
      Instant since) {
    Instant deadline = Instant.now().plus(reconnect);
    while (Instant.now().isBefore(deadline)) {
      if (receives(standby.session()) && streamsOver(primary, expected, since)) {
        return;
      }
      Pause.of(LOOK_AGAIN);
    }
    throw new PgsealException(
            ProblemType.SERVER_FAULT,
            "The standby %s did not come back to its primary within %d s"
                .formatted(standby.server().name(), reconnect.toSeconds()))
        .with("server", standby.server().name())
        .hint("See the standby's log for 'could not connect to the primary server'");
  }

  private boolean receives(PostgresSession standby) {
    return replication.walReceiver(standby).filter(w -> "streaming".equals(w.status())).isPresent();
  }

  /** A physical walsender of the primary that began after {@code since} and is encrypted so. */
  private boolean streamsOver(ManagedServer primary, @Nullable Encryption expected, Instant since) {
    try (PostgresSession session = access.fresh(primary)) {
      return connections.list(session).stream()
          .filter(ServerConnection::physicalReplication)
          .filter(c -> c.backendStart().isAfter(since))
          .anyMatch(c -> expected == null || c.encryption() == expected);
    }
  }

  private Instant primaryClock(ManagedServer primary) {
    try (PostgresSession session = access.fresh(primary)) {
      return session
          .queryOne("SELECT clock_timestamp()", row -> row.getTimestamp(1).toInstant())
          .orElseThrow();
    }
  }

  private PrimaryConninfo conninfo(PostgresSession standby) {
    return replication
        .primaryConninfo(standby)
        .filter(text -> !text.isBlank())
        .map(PrimaryConninfo::parse)
        .orElseThrow(
            () ->
                new PgsealException(
                        ProblemType.ILLEGAL_STATE,
                        "The standby has no primary_conninfo: it does not stream from a primary")
                    .hint("Take it out of the rollout, or set primary_conninfo"));
  }
}
