package dev.pgseal.tls;

import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaSentinel;
import dev.pgseal.postgres.HbaFile;
import dev.pgseal.postgres.HbaRow;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/**
 * Puts new rules onto a server and proves that they are loaded, or puts the old ones back.
 *
 * <ol>
 *   <li>Our own engine reads the text as this PostgreSQL would; what it would refuse is refused.
 *   <li>Our own login is judged by the new rules; if they refuse it, nothing is written.
 *   <li>The server is armed: unless we confirm in time, it puts the old files back by itself
 *       ({@link RulesWatch}).
 *   <li>The text is written with the next generation sentinel; PostgreSQL itself reads it, and a
 *       text that it would refuse is taken back in the same statement ({@link HbaFile}).
 *   <li>Reload. From outside: the sentinel answers, a new login succeeds, and what the caller
 *       requires of plaintext holds. Then the change is confirmed.
 *   <li>If any of these fails, the previous files come back through the session that is still open.
 * </ol>
 *
 * <p>{@link RulesUndo} takes a change back that proved itself.
 */
@ApplicationScoped
public class RulesChange {

  private final Preflight preflight;
  private final HbaLoader loader;
  private final HbaFile hbaFile;
  private final HbaWriter writer;
  private final HbaHistory history;
  private final ServerSettings settings;
  private final LoginProbe logins;
  private final SentinelProbe sentinels;
  private final RulesCheck check;
  private final RulesWatch watch;

  public RulesChange(
      Preflight preflight,
      HbaLoader loader,
      HbaFile hbaFile,
      HbaWriter writer,
      HbaHistory history,
      ServerSettings settings,
      WireProbe wire,
      LoginProbe logins,
      SentinelProbe sentinels,
      AdmissionForecast forecast,
      RulesWatch watch) {
    this.preflight = preflight;
    this.loader = loader;
    this.hbaFile = hbaFile;
    this.writer = writer;
    this.history = history;
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
    /**
     * The same, but plaintext from loopback is spared: when we come from there ourselves, a login
     * that is admitted says nothing, and the rules alone prove that others are refused.
     */
    PLAINTEXT_REFUSED_BUT_FROM_LOOPBACK,
    PLAINTEXT_ADMITTED
  }

  /**
   * A change that was checked and not yet made.
   *
   * @param candidate with the next generation's sentinel
   * @param change the files in which it differs from what lies there
   */
  public record Prepared(
      HbaDocument candidate,
      TreeChange change,
      long generation,
      Requirement requirement,
      SentinelProbe.Expectation expectation) {

    /** Content by path of the files that give way. */
    public Map<String, byte[]> previous() {
      Map<String, byte[]> previous = new TreeMap<>();
      change.files().forEach((path, file) -> previous.put(path, file.before()));
      return previous;
    }
  }

  /**
   * @param written the files now on disk and loaded
   * @param revision in which this is kept
   * @param reloadedAt the server's clock; sessions that began before it were judged by other rules
   */
  public record Applied(
      HbaTree written, long generation, HbaRevision revision, Instant reloadedAt) {

    public String tag() {
      return written.tag();
    }
  }

  /**
   * @param expectedTag of the files that are to be replaced ({@link HbaTree#tag})
   * @param mending the present file may be one that PostgreSQL refuses
   * @throws PgsealException {@code PRECONDITION_FAILED}, {@code HBA_INVALID}, {@code
   *     HBA_NOT_EDITABLE}, {@code LOCKOUT_RISK}; nothing was changed
   */
  public Prepared prepare(
      ServerUnderChange change,
      HbaDocument rules,
      String expectedTag,
      Requirement requirement,
      boolean mending) {
    PostgresSession session = change.session();
    watch.settle(change);
    if (!mending) {
      preflight.forRules(session);
    }
    check.require(change, rules, mending && isRefused(session));
    HbaLoader.Loaded before = loader.load(session);
    before.requireTag(expectedTag);
    history.noticed(change.server(), before.tree());
    long generation = nextGeneration(before.document(), rules);
    SentinelProbe.Expectation expectation = sentinels.expect(change, generation);
    HbaDocument candidate = HbaSentinel.put(rules, generation, expectation.method());
    TreeChange files =
        TreeChange.between(before.tree(), candidate, path -> writer.onDisk(change, path));
    return new Prepared(candidate, files, generation, requirement, expectation);
  }

  /**
   * @param note of the revision that this becomes; after a conversion back the sentinel line goes
   *     as well, so that the file is its owner's alone again
   * @throws PgsealException {@code PRECONDITION_FAILED}, {@code HBA_INVALID} before anything was
   *     loaded; {@code HBA_NOT_TAKEN} after the old files came back
   */
  public Applied apply(
      ServerUnderChange change, Prepared prepared, HbaNote note, ConfirmOrRevert policy) {
    TreeChange files = prepared.change();
    RulesWatch.Watch watched = watch.begin(change, files.watched(), policy);
    UUID write;
    try {
      write = writer.write(change, files, note);
    } catch (PgsealException e) {
      watched.standDown();
      throw e;
    }
    Instant reloadedAt;
    try {
      change.reload();
      prepared.expectation().requireLoaded();
      reloadedAt = loadedAt(change);
      require(change, prepared.requirement());
      watched.confirm();
    } catch (PgsealException e) {
      throw notTaken(
          TakeBack.after(
              e,
              () -> {
                writer.takeBack(change, files, write);
                watched.standDown();
              }));
    }
    HbaTree written;
    if (note.kind() == HbaRevision.Kind.RELAXED) {
      written = writer.removeSentinel(change);
      reloadedAt = loadedAt(change);
    } else {
      written = HbaTree.of(prepared.candidate());
    }
    change.requireHeld();
    HbaRevision revision = history.append(change.server(), written, note);
    return new Applied(written, prepared.generation(), revision, reloadedAt);
  }

  /** Ends what a predecessor left armed; before the rules are looked at. */
  public void settle(ServerUnderChange change) {
    watch.settle(change);
  }

  /**
   * Takes the sentinel line away, so that the file is its owner's alone again. The rules stay as
   * they are: should PostgreSQL go on with the old file, it judges the same.
   *
   * @return the files that lie there now
   */
  public HbaTree removeSentinel(ServerUnderChange change) {
    HbaTree plain = writer.removeSentinel(change);
    change.fresh().close();
    return plain;
  }

  /** The files that lie there now. */
  public HbaTree present(ServerUnderChange change) {
    return loader.load(change.session()).tree();
  }

  /** A new login gets in and says when the rules now loaded were loaded, by the server's clock. */
  public Instant loadedAt(ServerUnderChange change) {
    try (PostgresSession fresh = change.fresh()) {
      return settings.confLoadTime(fresh);
    }
  }

  /** PostgreSQL would not load what lies there now: the rules that are loaded exist nowhere. */
  private boolean isRefused(PostgresSession session) {
    return hbaFile.rows(session).stream().anyMatch(HbaRow::refused);
  }

  private static long nextGeneration(HbaDocument before, HbaDocument rules) {
    long onDisk = HbaSentinel.generation(before).orElse(0L);
    return Math.max(onDisk, HbaSentinel.generation(rules).orElse(0L)) + 1;
  }

  private void require(ServerUnderChange change, Requirement requirement) {
    switch (requirement) {
      case NONE -> {}
      case PLAINTEXT_REFUSED, PLAINTEXT_REFUSED_BUT_FROM_LOOPBACK -> {
        boolean excepted =
            requirement == Requirement.PLAINTEXT_REFUSED_BUT_FROM_LOOPBACK && change.fromLoopback();
        requireRefused(logins.plaintext(change.login()).excepting(excepted), "a plaintext login");
        requireRefused(
            logins.plaintextReplication(change.login()).excepting(excepted),
            "a plaintext replication connection");
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
    if (!probe.refusedOrExcepted()) {
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
