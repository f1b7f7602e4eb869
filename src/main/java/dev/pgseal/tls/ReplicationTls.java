package dev.pgseal.tls;

import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.Replication;
import dev.pgseal.postgres.ServerFiles;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.postgres.StreamAttempt;
import dev.pgseal.postgres.Walsender;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Moves a standby's replication stream onto TLS and back. The upstream is a primary, or in a
 * cascade another standby.
 *
 * <p>A changed {@code primary_conninfo} tears the healthy stream down before the new one is tried
 * (POSTGRES source xlog.c, walreceiver.c): so the new string is tried first ({@link StreamTrial}),
 * and the old one comes back when the stream does not.
 */
@ApplicationScoped
public class ReplicationTls {

  private static final Duration RECONNECT = Duration.ofSeconds(30);

  private final ConninfoChange conninfo;
  private final StreamWatch watch;
  private final StreamTarget target;
  private final StreamTrial trial;

  @Inject
  public ReplicationTls(
      Replication replication,
      ServerSettings settings,
      ServerFiles files,
      WireProbe wire,
      ServerAccess access,
      HbaLoader loader,
      AdmissionForecast forecast,
      StreamAttempt attempts) {
    this(replication, settings, files, wire, access, loader, forecast, attempts, RECONNECT);
  }

  /**
   * @param reconnect how long the stream may take to come back
   */
  ReplicationTls(
      Replication replication,
      ServerSettings settings,
      ServerFiles files,
      WireProbe wire,
      ServerAccess access,
      HbaLoader loader,
      AdmissionForecast forecast,
      StreamAttempt attempts,
      Duration reconnect) {
    this.conninfo = new ConninfoChange(replication, settings, files);
    this.watch = new StreamWatch(replication, access, reconnect);
    this.target = new StreamTarget(wire);
    this.trial = new StreamTrial(loader, forecast, attempts, access, watch);
  }

  /**
   * What a standby had before; holds a password.
   *
   * @param autoConf what postgresql.auto.conf said of {@code primary_conninfo}
   * @param logging what it said of {@code log_min_messages}, which is {@code fatal} while a
   *     password comes back
   * @param files what lay beside the trust, by name
   */
  public record Undo(
      Optional<String> autoConf, Optional<String> logging, Map<String, String> files) {

    /** Of an older job only the first is known. */
    public Undo {
      logging = Objects.requireNonNullElse(logging, Optional.empty());
      files = files == null ? Map.of() : Map.copyOf(files);
    }

    boolean sameString(Undo other) {
      return autoConf.equals(other.autoConf);
    }

    @Override
    public String toString() {
      return "Undo[primary_conninfo]";
    }
  }

  /**
   * @param sslMode what the standby now asks for
   * @param remark why it is not {@code verify-full}, empty when it is
   * @param tried what was proved before the old stream ended, as sentences
   */
  public record Secured(String sslMode, String host, String remark, List<String> tried) {}

  /**
   * @param exact the string is what it was before pgseal wrote it, byte for byte
   */
  public record Released(String sslMode, boolean exact, String remark) {}

  public Undo prepareUndo(PostgresSession standby) {
    return conninfo.prepareUndo(standby);
  }

  /** True when the standby asks for TLS and verifies it, and its own stream is TLS. */
  public boolean isSecured(PostgresSession standby, ManagedServer upstream) {
    List<Walsender> own = watch.walsenders(standby, upstream);
    if (!own.isEmpty() && own.stream().allMatch(w -> w.encryption() == Encryption.LOCAL)) {
      return true; // a Unix socket: there is no TLS over it, and no network
    }
    return required(standby).sslMode().startsWith("verify-")
        && !own.isEmpty()
        && own.stream().allMatch(w -> w.encryption() == Encryption.TLS);
  }

  /**
   * @param trust PEM of the authorities of the upstream's certificate; null when none is known,
   *     then the stream is encrypted but not verified
   * @throws PgsealException before the stream was touched {@code ILLEGAL_STATE}, {@code
   *     SSL_NOT_TAKEN} or {@code CERTIFICATE_NOT_SERVED} when the upstream's TLS does not fit,
   *     {@code LOCKOUT_RISK} when the new string was tried and does not work; {@code SERVER_FAULT}
   *     after the old string came back
   */
  public Secured secure(ServerUnderChange standby, ManagedServer upstream, @Nullable String trust) {
    PostgresSession session = standby.session();
    PrimaryConninfo before = required(session);
    StreamTarget.Choice choice = target.choose(session.major(), before, upstream, trust);
    Undo undo = prepareUndo(session);
    List<String> tried = new ArrayList<>(choice.seen());
    PrimaryConninfo wanted = before.with("sslmode", choice.sslMode());
    try {
      if (trust != null) {
        wanted = wanted.with("sslrootcert", conninfo.writeTrust(session, trust));
      }
      wanted = conninfo.withoutPassword(standby, wanted);
      if (!wanted.text().equals(before.text())) {
        tried.addAll(trial.of(standby, upstream, wanted));
      }
      change(standby, upstream, wanted, Encryption.TLS);
    } catch (PgsealException e) {
      throw TakeBack.after(e, () -> conninfo.putBack(standby, undo));
    }
    return new Secured(choice.sslMode(), choice.host(), choice.remark(), List.copyOf(tried));
  }

  /** The absolute path of the file that holds what a standby trusts. */
  static String trustFile(PostgresSession standby) {
    return StreamFiles.directory(standby) + "/" + StreamFiles.TRUST;
  }

  /**
   * Lets the standby come in plaintext again: the string that was there before pgseal wrote it,
   * byte for byte; one that demanded TLS even then, and one that somebody changed since, with
   * {@code sslmode=prefer}.
   *
   * @param undo from before the first run of this release
   */
  public Released release(ServerUnderChange standby, ManagedServer upstream, Undo undo) {
    PostgresSession session = standby.session();
    Optional<StreamOrigin.Before> known = conninfo.before(session);
    if (known.isPresent()) {
      Optional<String> autoConf = Optional.ofNullable(known.get().autoConf());
      Optional<PrimaryConninfo> original = conninfo.effective(session, autoConf);
      if (original.isPresent()) {
        return putBack(standby, upstream, undo, autoConf, original.get());
      }
    }
    PrimaryConninfo present = required(session);
    PrimaryConninfo wanted = present;
    if (present.demandsTls()) {
      wanted = wanted.with("sslmode", "prefer");
    }
    if (present.get("sslrootcert").filter(trustFile(session)::equals).isPresent()) {
      wanted = wanted.without("sslrootcert");
    }
    if (wanted.text().equals(present.text())) {
      // so it was before, or an earlier run of this release was stopped behind its last change
      return putBack(
          standby,
          upstream,
          new Undo(prepareUndo(session).autoConf(), undo.logging(), filesInUse(standby, present)));
    }
    PrimaryConninfo kept = conninfo.withoutPassword(standby, wanted);
    try {
      change(standby, upstream, kept, null);
    } catch (PgsealException e) {
      throw TakeBack.after(e, () -> conninfo.putBack(standby, undo));
    }
    return new Released(
        kept.sslMode(), false, "what it was before is not known here: only sslmode was changed");
  }

  private Released putBack(
      ServerUnderChange standby,
      ManagedServer upstream,
      Undo undo,
      Optional<String> autoConf,
      PrimaryConninfo original) {
    if (!original.demandsTls()) {
      return putBack(standby, upstream, new Undo(autoConf, undo.logging(), Map.of()));
    }
    String preferring = original.with("sslmode", "prefer").text();
    Released released =
        putBack(standby, upstream, new Undo(Optional.of(preferring), undo.logging(), Map.of()));
    return new Released(
        released.sslMode(),
        false,
        "it demanded TLS before, which would cut it off: sslmode=prefer, the rest is as it was");
  }

  /** A passfile that the string names stays. */
  private Map<String, String> filesInUse(ServerUnderChange standby, PrimaryConninfo present) {
    Map<String, String> all = prepareUndo(standby.session()).files();
    String ours = StreamFiles.directory(standby.session());
    return present.get("passfile").filter(file -> file.startsWith(ours)).isPresent()
        ? all
        : Map.of();
  }

  private Released putBack(ServerUnderChange standby, ManagedServer upstream, Undo to) {
    StreamWatch.Earlier earlier = watch.now(standby.session(), upstream);
    Undo undo = prepareUndo(standby.session());
    boolean changed = conninfo.putBack(standby, to);
    try {
      watch.await(standby, upstream, null, changed ? earlier : StreamWatch.Earlier.ANY);
    } catch (PgsealException e) {
      throw TakeBack.after(e, () -> conninfo.putBack(standby, undo));
    }
    PrimaryConninfo now;
    try (PostgresSession fresh = standby.fresh()) {
      now = required(fresh);
    }
    boolean exact = conninfo.prepareUndo(standby.session()).sameString(to);
    return new Released(
        now.sslMode(),
        exact,
        exact ? "" : "the password stays in a passfile: log_min_messages cannot be changed here");
  }

  /**
   * Puts the string back and sees the standby stream. Where it is back already nothing restarts the
   * stream, so no new one is waited for.
   */
  public void undo(ServerUnderChange standby, ManagedServer upstream, Undo undo) {
    StreamWatch.Earlier earlier = watch.now(standby.session(), upstream);
    boolean changed = conninfo.putBack(standby, undo);
    watch.await(standby, upstream, null, changed ? earlier : StreamWatch.Earlier.ANY);
  }

  private void change(
      ServerUnderChange standby,
      ManagedServer upstream,
      PrimaryConninfo wanted,
      @Nullable Encryption expected) {
    if (wanted.text().equals(conninfo.present(standby.session()))) {
      // nothing restarts the stream, but an earlier run may have stopped before it saw it come back
      watch.await(standby, upstream, expected, StreamWatch.Earlier.ANY);
      return;
    }
    StreamWatch.Earlier earlier = watch.now(standby.session(), upstream);
    conninfo.write(standby, wanted);
    watch.await(standby, upstream, expected, earlier);
  }

  private PrimaryConninfo required(PostgresSession standby) {
    return Optional.of(conninfo.present(standby))
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
