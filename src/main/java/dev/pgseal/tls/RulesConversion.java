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
import java.util.ArrayList;
import java.util.List;
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
   * @param remarks what a person should know, such as changed lines that were edited by hand
   * @param wouldBeRefused live sessions that could not come again as they came
   * @param stillAdmitting rules that would still admit plaintext
   */
  public record Plan(
      Direction direction,
      HbaDocument rules,
      String tag,
      String diff,
      List<HbaEdit> edits,
      List<String> remarks,
      List<AdmissionForecast.Refusal> wouldBeRefused,
      List<SslState.PlaintextRule> stillAdmitting) {

    public boolean changesNothing() {
      return diff.isEmpty();
    }
  }

  /** The way to TLS only, with the default options. */
  public Plan planEnforce(PostgresSession session) {
    return plan(session, Direction.ENFORCE, ConversionOptions.DEFAULT, List.of());
  }

  /**
   * @param earlierEdits for {@code RELAX}: what conversions to {@code ENFORCE} changed; empty for a
   *     server that was enforced by somebody else
   */
  public Plan plan(
      PostgresSession session,
      Direction direction,
      ConversionOptions options,
      List<HbaEdit> earlierEdits) {
    HbaLoader.Loaded loaded = loader.load(session);
    HbaDocument before = HbaSentinel.remove(loaded.document());
    if (direction == Direction.ENFORCE) {
      HbaConversion.Result result = HbaConversion.enforce(before, options);
      return plan(
          session, direction, loaded, before, result.document(), result.edits(), result.notes());
    }
    HbaConversion.Relaxed relaxed = HbaConversion.relax(before, earlierEdits);
    List<String> remarks = new ArrayList<>(relaxed.notes());
    relaxed
        .conflicts()
        .forEach(
            conflict ->
                remarks.add(
                    "%s: left as it is: %s"
                        .formatted(conflict.reason(), HbaText.toShown(conflict.edit().before()))));
    return plan(session, direction, loaded, before, relaxed.document(), relaxed.edits(), remarks);
  }

  private Plan plan(
      PostgresSession session,
      Direction direction,
      HbaLoader.Loaded loaded,
      HbaDocument before,
      HbaDocument after,
      List<HbaEdit> edits,
      List<String> remarks) {
    return new Plan(
        direction,
        after,
        loaded.tag(),
        HbaDiff.unified(before, after),
        edits,
        remarks,
        forecast.refusals(session, after),
        analysis.doors(after));
  }

  /**
   * @throws PgsealException {@code LOCKOUT_RISK} when TLS is not served while plaintext is to be
   *     refused; and what {@link RulesChange#prepare} says
   */
  public RulesChange.Prepared prepare(ServerUnderChange change, Plan plan) {
    if (plan.direction() == Direction.ENFORCE) {
      requireTlsServed(change);
      requireNoDoor(plan);
    }
    return rulesChange.prepare(
        change,
        plan.rules(),
        plan.tag(),
        plan.direction() == Direction.ENFORCE
            ? RulesChange.Requirement.PLAINTEXT_REFUSED
            : RulesChange.Requirement.PLAINTEXT_ADMITTED,
        false);
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

  private static void requireNoDoor(Plan plan) {
    if (!plan.stillAdmitting().isEmpty()) {
      SslState.PlaintextRule door = plan.stillAdmitting().get(0);
      throw new PgsealException(
              ProblemType.HBA_NOT_EDITABLE,
              "After the conversion line %d would still admit plaintext: %s"
                  .formatted(door.line(), door.witness()))
          .with("stillAdmitting", plan.stillAdmitting())
          .hint("Change this line by hand, then convert again");
    }
  }
}
