package dev.pgseal.tls;

import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaSentinel;
import dev.pgseal.postgres.Fingerprints;
import dev.pgseal.postgres.HbaDeadMan;
import dev.pgseal.postgres.HbaFile;
import dev.pgseal.postgres.HbaOnDisk;
import dev.pgseal.postgres.HbaRow;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Puts new rules onto a server and proves that they are loaded, or puts the old ones back.
 *
 * <ol>
 *   <li>Our own engine reads the text as this PostgreSQL would; what it would refuse is refused.
 *   <li>Our own login is judged by the new rules; if they refuse it, nothing is written.
 *   <li>The server is armed: unless we confirm in time, it puts the old file back by itself ({@link
 *       RulesWatch}).
 *   <li>The text is written with the next generation sentinel; PostgreSQL itself reads it, and a
 *       text that it would refuse is taken back in the same statement ({@link HbaFile}).
 *   <li>Reload. From outside: the sentinel answers, a new login succeeds, and what the caller
 *       requires of plaintext holds. Then the change is confirmed.
 *   <li>If any of these fails, the previous file comes back through the session that is still open.
 * </ol>
 */
@ApplicationScoped
public class RulesChange {

  private final Preflight preflight;
  private final HbaFile hbaFile;
  private final ServerSettings settings;
  private final LoginProbe logins;
  private final SentinelProbe sentinels;
  private final RulesCheck check;
  private final RulesWatch watch;

  public RulesChange(
      Preflight preflight,
      HbaFile hbaFile,
      ServerSettings settings,
      WireProbe wire,
      LoginProbe logins,
      SentinelProbe sentinels,
      AdmissionForecast forecast,
      RulesWatch watch) {
    this.preflight = preflight;
    this.hbaFile = hbaFile;
    this.settings = settings;
    this.logins = logins;
    this.sentinels = sentinels;
    this.check = new RulesCheck(settings, wire, forecast);
    this.watch = watch;
  }

  /** What must be seen from outside, besides the sentinel and a login of our own. */
  public enum Requirement {
    NONE,
    /** Plaintext is refused, ordinary and physical replication; TLS is admitted. */
    PLAINTEXT_REFUSED,
    PLAINTEXT_ADMITTED
  }

  /**
   * A change that was checked and not yet made.
   *
   * @param candidate with the next generation's sentinel
   */
  public record Prepared(
      HbaDocument candidate,
      byte[] previous,
      String expectedSha256,
      long generation,
      Requirement requirement,
      SentinelProbe.Expectation expectation) {}

  /**
   * @param written the bytes now on disk and loaded
   * @param reloadedAt the server's clock; sessions that began before it were judged by other rules
   */
  public record Applied(byte[] written, String sha256, long generation, Instant reloadedAt) {}

  /**
   * Enough to put the previous file back in another process.
   *
   * @param previous base64
   * @param writtenRules SHA-256 of what was written, without its sentinel
   * @param plaintextAdmitted whether a plaintext login was admitted before
   */
  public record Undo(String previous, String writtenRules, boolean plaintextAdmitted) {}

  /**
   * @param expectedSha256 of the file that is to be replaced
   * @param mending the present file may be one that PostgreSQL refuses
   * @throws PgsealException {@code HBA_INVALID}, {@code LOCKOUT_RISK}; nothing was changed
   */
  public Prepared prepare(
      ServerUnderChange change,
      HbaDocument rules,
      String expectedSha256,
      Requirement requirement,
      boolean mending) {
    PostgresSession session = change.session();
    watch.settle(change);
    if (!mending) {
      preflight.forRules(session);
    }
    check.require(change, rules, mending && isRefused(session));
    HbaOnDisk before = hbaFile.read(session);
    long generation = nextGeneration(before, rules, session.major());
    SentinelProbe.Expectation expectation = sentinels.expect(change, generation);
    HbaDocument candidate = HbaSentinel.put(rules, generation, expectation.method());
    return new Prepared(
        candidate, before.content(), expectedSha256, generation, requirement, expectation);
  }

  /**
   * @throws PgsealException {@code PRECONDITION_FAILED}, {@code HBA_INVALID} before anything was
   *     loaded; {@code HBA_NOT_TAKEN} after the old file came back
   */
  public Applied apply(ServerUnderChange change, Prepared prepared, ConfirmOrRevert policy) {
    byte[] written = prepared.candidate().bytes();
    String sha256 = Fingerprints.sha256(written);
    RulesWatch.Watch watched = watch.begin(change, watched(change, prepared, sha256), policy);
    try {
      hbaFile.replace(change.session(), written, prepared.expectedSha256());
    } catch (PgsealException e) {
      watched.standDown();
      throw e;
    }
    try {
      change.reload();
      prepared.expectation().requireLoaded();
      change.fresh().close();
      require(change, prepared.requirement());
      watched.confirm();
    } catch (PgsealException e) {
      throw notTaken(
          TakeBack.after(
              e,
              () -> {
                comeBack(change, sha256, prepared.previous());
                watched.standDown();
              }));
    }
    return new Applied(written, sha256, prepared.generation(), loadedAt(change));
  }

  private List<HbaDeadMan.Watched> watched(
      ServerUnderChange change, Prepared prepared, String sha256) {
    return List.of(
        new HbaDeadMan.Watched(hbaFile.path(change.session()), prepared.expectedSha256(), sha256));
  }

  /** The server may be doing the same by itself. */
  private void comeBack(ServerUnderChange change, String writtenSha256, byte[] previous) {
    try {
      load(change, writtenSha256, previous);
    } catch (PgsealException e) {
      if (e.type() != ProblemType.PRECONDITION_FAILED
          || !Arrays.equals(present(change), previous)) {
        throw e;
      }
      change.reload();
    }
  }

  /** Ends what a predecessor left armed; before the rules are looked at. */
  public void settle(ServerUnderChange change) {
    watch.settle(change);
  }

  public Undo undoOf(ServerUnderChange change, Prepared prepared) {
    return new Undo(
        Base64.getEncoder().encodeToString(prepared.previous()),
        rulesSha256(prepared.candidate()),
        logins.plaintext(change.login()).admitted());
  }

  /**
   * Puts the previous bytes back, exactly, and sees from outside that plaintext is treated as
   * before.
   *
   * @throws PgsealException {@code PRECONDITION_FAILED} when somebody changed the file meanwhile
   */
  public void undo(ServerUnderChange change, Undo undo) {
    byte[] previous = Base64.getDecoder().decode(undo.previous());
    HbaOnDisk now = hbaFile.read(change.session());
    boolean back = now.sha256().equals(Fingerprints.sha256(previous));
    if (!back && !isWritten(change, undo)) {
      throw new PgsealException(
              ProblemType.PRECONDITION_FAILED,
              "pg_hba.conf was changed by somebody else since; it is left as it is")
          .hint("Compare it with <data_directory>/pgseal/hba/previous.conf and decide by hand");
    }
    putBack(change, now.sha256(), previous);
    boolean admitted = logins.plaintext(change.login()).admitted();
    if (admitted != undo.plaintextAdmitted()) {
      throw new PgsealException(
              ProblemType.HBA_NOT_TAKEN,
              "The previous pg_hba.conf is back, but plaintext is %s, unlike before"
                  .formatted(admitted ? "admitted" : "refused"))
          .hint("See the server log for 'was not reloaded'");
    }
  }

  /**
   * Takes the sentinel line away, so that the file is its owner's alone again. The rules stay as
   * they are: should PostgreSQL go on with the old file, it judges the same.
   *
   * @return the bytes that lie there now
   */
  public byte[] removeSentinel(ServerUnderChange change) {
    HbaOnDisk now = hbaFile.read(change.session());
    byte[] stripped =
        HbaSentinel.remove(HbaDocument.parse(now.content(), change.session().major())).bytes();
    putBack(change, now.sha256(), stripped);
    return stripped;
  }

  /** The rules that lie there now are those whose undo this is, sentinel or not. */
  public boolean isWritten(ServerUnderChange change, Undo undo) {
    HbaDocument present = HbaDocument.parse(present(change), change.session().major());
    return rulesSha256(present).equals(undo.writtenRules());
  }

  /** The bytes that lie there now. */
  public byte[] present(ServerUnderChange change) {
    return hbaFile.read(change.session()).content();
  }

  private void putBack(ServerUnderChange change, String presentSha256, byte[] previous) {
    load(change, presentSha256, previous);
    change.fresh().close();
  }

  private void load(ServerUnderChange change, String presentSha256, byte[] content) {
    if (!presentSha256.equals(Fingerprints.sha256(content))) {
      hbaFile.replace(change.session(), content, presentSha256);
    }
    change.reload();
  }

  private static String rulesSha256(HbaDocument document) {
    return Fingerprints.sha256(HbaSentinel.remove(document).bytes());
  }

  /** When the rules now loaded were loaded, by the server's clock. */
  public Instant loadedAt(ServerUnderChange change) {
    try (PostgresSession fresh = change.fresh()) {
      return settings.confLoadTime(fresh);
    }
  }

  /** PostgreSQL would not load what lies there now: the rules that are loaded exist nowhere. */
  private boolean isRefused(PostgresSession session) {
    return hbaFile.rows(session).stream().anyMatch(HbaRow::refused);
  }

  private static long nextGeneration(HbaOnDisk before, HbaDocument rules, int major) {
    long onDisk = HbaSentinel.generation(HbaDocument.parse(before.content(), major)).orElse(0L);
    return Math.max(onDisk, HbaSentinel.generation(rules).orElse(0L)) + 1;
  }

  private void require(ServerUnderChange change, Requirement requirement) {
    switch (requirement) {
      case NONE -> {}
      case PLAINTEXT_REFUSED -> {
        requireRefused(logins.plaintext(change.login()), "a plaintext login");
        requireRefused(
            logins.plaintextReplication(change.login()), "a plaintext replication connection");
        SslState.Probe tls = logins.tls(change.login());
        if (!tls.admitted()) {
          throw new PgsealException(
              ProblemType.HBA_NOT_TAKEN, "A login over TLS is not admitted: " + tls.detail());
        }
      }
      case PLAINTEXT_ADMITTED -> {
        SslState.Probe plaintext = logins.plaintext(change.login());
        if (!plaintext.admitted()) {
          throw new PgsealException(
              ProblemType.HBA_NOT_TAKEN,
              "A plaintext login is not admitted: " + plaintext.detail());
        }
      }
    }
  }

  private static void requireRefused(SslState.Probe probe, String what) {
    if (!probe.refused()) {
      throw new PgsealException(
          ProblemType.HBA_NOT_TAKEN, "Not refused: " + what + " (" + probe.detail() + ")");
    }
  }

  private static PgsealException notTaken(PgsealException cause) {
    boolean back = Boolean.TRUE.equals(cause.members().get("undone"));
    PgsealException problem =
        new PgsealException(
            ProblemType.HBA_NOT_TAKEN,
            "The new pg_hba.conf did not prove itself, the previous one %s: %s"
                .formatted(back ? "is back" : "could not be put back", cause.detail()),
            cause);
    cause.members().forEach(problem::with);
    return problem;
  }
}
