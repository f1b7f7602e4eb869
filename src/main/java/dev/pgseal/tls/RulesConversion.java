package dev.pgseal.tls;

import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.hba.HbaConversion;
import dev.pgseal.hba.HbaDiff;
import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaEdit;
import dev.pgseal.hba.HbaSentinel;
import dev.pgseal.hba.HbaText;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.TlsAnswer;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.media.Schema;

/** Plans and applies the conversion of a server's rules: to TLS only, and back. */
@ApplicationScoped
public class RulesConversion {

  private final HbaLoader loader;
  private final AdmissionForecast forecast;
  private final PlaintextAnalysis analysis;
  private final RulesChange rulesChange;
  private final WireProbe wire;

  public RulesConversion(
      HbaLoader loader,
      AdmissionForecast forecast,
      PlaintextAnalysis analysis,
      RulesChange rulesChange,
      WireProbe wire) {
    this.loader = loader;
    this.forecast = forecast;
    this.analysis = analysis;
    this.rulesChange = rulesChange;
    this.wire = wire;
  }

  /** Which way. */
  @Schema(name = "ConversionDirection")
  public enum Direction {
    /** Rules that admit plaintext become TLS only. */
    ENFORCE,
    /** The lines that were changed come back as they were. */
    RELAX
  }

  /**
   * What a conversion would do.
   *
   * @param tag of the files it was planned for
   * @param diff unified; empty when nothing would change
   * @param edits what is needed to convert back
   * @param remarks what a person should know
   * @param conflicts for {@code RELAX}: lines that were edited by hand since, and keep that text
   * @param effect on the sessions that are there now
   * @param proof of the rules as they would be
   */
  public record Plan(
      Direction direction,
      ConversionOptions options,
      HbaDocument rules,
      String tag,
      String diff,
      List<HbaEdit> edits,
      List<String> remarks,
      List<Conflict> conflicts,
      AdmissionForecast.Effect effect,
      RulesProof proof) {

    public boolean changesNothing() {
      return diff.isEmpty();
    }

    /** What plaintext is spared, for as long as this conversion stands. */
    public Set<Exemption> exemptions() {
      return direction == Direction.ENFORCE ? exempted(options) : Set.of();
    }
  }

  /**
   * A change of an earlier conversion that cannot be taken back.
   *
   * @param line where it was made
   * @param was the line before it
   * @param became what the conversion made of it, and what is not there any more
   */
  @Schema(name = "ConversionConflict")
  public record Conflict(String file, int line, String was, String became, String reason) {

    private static Conflict of(HbaConversion.Conflict conflict) {
      HbaEdit edit = conflict.edit();
      return new Conflict(
          edit.file(),
          edit.line(),
          HbaText.toShown(edit.before()),
          HbaText.toShown(edit.after()),
          conflict.reason());
    }
  }

  /** What plaintext these options spare. */
  public static Set<Exemption> exempted(ConversionOptions options) {
    return options.loopback() == ConversionOptions.Loopback.KEEP
        ? Set.of(Exemption.LOOPBACK)
        : Set.of();
  }

  /** The way to TLS only. */
  public Plan planEnforce(PostgresSession session, ConversionOptions options) {
    HbaLoader.Loaded loaded = loader.load(session);
    HbaDocument before = HbaSentinel.remove(loaded.document());
    HbaConversion.Result result = HbaConversion.enforce(before, options);
    var change =
        new Change(
            Direction.ENFORCE,
            options,
            before,
            result.document(),
            result.edits(),
            result.notes(),
            List.of());
    return plan(session, loaded, change);
  }

  /**
   * The way back, which takes back what conversions changed.
   *
   * @param earlierEdits what they changed
   * @param byMeaning when they changed nothing, or there were none: open the rules by their
   *     meaning, as for a server that was enforced by somebody else
   */
  public Plan planRelax(PostgresSession session, List<HbaEdit> earlierEdits, boolean byMeaning) {
    HbaLoader.Loaded loaded = loader.load(session);
    HbaDocument before = HbaSentinel.remove(loaded.document());
    HbaConversion.Relaxed relaxed =
        byMeaning
            ? HbaConversion.relax(before, earlierEdits)
            : HbaConversion.takeBack(before, earlierEdits);
    var change =
        new Change(
            Direction.RELAX,
            ConversionOptions.DEFAULT,
            before,
            relaxed.document(),
            relaxed.edits(),
            relaxed.notes(),
            relaxed.conflicts().stream().map(Conflict::of).toList());
    return plan(session, loaded, change);
  }

  private record Change(
      Direction direction,
      ConversionOptions options,
      HbaDocument before,
      HbaDocument after,
      List<HbaEdit> edits,
      List<String> remarks,
      List<Conflict> conflicts) {}

  private Plan plan(PostgresSession session, HbaLoader.Loaded loaded, Change change) {
    Set<Exemption> spared =
        change.direction() == Direction.ENFORCE ? exempted(change.options()) : Set.of();
    return new Plan(
        change.direction(),
        change.options(),
        change.after(),
        loaded.tag(),
        HbaDiff.unified(change.before(), change.after()),
        change.edits(),
        change.remarks(),
        change.conflicts(),
        forecast.effect(session, change.before(), change.after()),
        analysis.prove(change.after(), spared));
  }

  /**
   * @throws PgsealException {@code LOCKOUT_RISK} when TLS is not served while plaintext is to be
   *     refused; and what {@link RulesChange#prepare} says
   */
  public RulesChange.Prepared prepare(ServerUnderChange change, Plan plan) {
    if (plan.direction() == Direction.ENFORCE) {
      requireTlsServed(change);
      requireEnforced(plan);
    }
    return rulesChange.prepare(change, plan.rules(), plan.tag(), requirement(change, plan), false);
  }

  private RulesChange.Requirement requirement(ServerUnderChange change, Plan plan) {
    if (plan.direction() == Direction.ENFORCE) {
      return plan.exemptions().isEmpty()
          ? RulesChange.Requirement.PLAINTEXT_REFUSED
          : RulesChange.Requirement.PLAINTEXT_REFUSED_BUT_FROM_LOOPBACK;
    }
    return plan.conflicts().isEmpty() || admitsOwnPlaintext(change, plan.rules())
        ? RulesChange.Requirement.PLAINTEXT_ADMITTED
        : RulesChange.Requirement.NONE;
  }

  /** A line that was edited by hand stays, be it the one that our own login depends on. */
  private boolean admitsOwnPlaintext(ServerUnderChange change, HbaDocument rules) {
    return forecast.ownPlaintext(change.session(), rules, change.login(), false).admits();
  }

  private void requireTlsServed(ServerUnderChange change) {
    TlsAnswer answer = wire.tls(change.login().host(), change.login().port());
    if (!(answer instanceof TlsAnswer.Served)) {
      throw new PgsealException(
              ProblemType.LOCKOUT_RISK,
              "TLS is not served ("
                  + TlsWords.describe(answer)
                  + "): with these rules nobody could log in over TCP")
          .hint("Turn ssl on first (PUT …/ssl), or let a rollout do both in the safe order");
    }
  }

  private static void requireEnforced(Plan plan) {
    List<SslState.PlaintextRule> witnesses = plan.proof().witnesses();
    if (!witnesses.isEmpty()) {
      SslState.PlaintextRule door = witnesses.get(0);
      throw new PgsealException(
              ProblemType.HBA_NOT_EDITABLE,
              "After the conversion line %d would still admit plaintext: %s"
                  .formatted(door.line(), door.witness()))
          .with("stillAdmitting", witnesses)
          .hint("Change this line by hand, then convert again");
    }
  }
}
