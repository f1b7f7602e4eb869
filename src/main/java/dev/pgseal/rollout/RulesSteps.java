package dev.pgseal.rollout;

import dev.pgseal.hba.HbaEdit;
import dev.pgseal.job.StepResult;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.TlsMode;
import dev.pgseal.tls.Exemption;
import dev.pgseal.tls.ExemptionStore;
import dev.pgseal.tls.HbaHistory;
import dev.pgseal.tls.HbaNote;
import dev.pgseal.tls.HbaTree;
import dev.pgseal.tls.LoginProbe;
import dev.pgseal.tls.RefusedSessions;
import dev.pgseal.tls.RulesChange;
import dev.pgseal.tls.RulesConversion;
import dev.pgseal.tls.RulesUndo;
import dev.pgseal.tls.ServerUnderChange;
import dev.pgseal.tls.SslState;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes the rules refuse plaintext or admit it again, and takes that back. */
@ApplicationScoped
class RulesSteps implements RolloutStep {

  /** Key in {@code observed}: when the rules were loaded, by the server's clock. */
  static final String RELOADED_AT = "reloadedAt";

  private final RulesConversion conversion;
  private final RulesChange rules;
  private final RulesUndo rulesUndo;
  private final HbaHistory history;
  private final LoginProbe logins;
  private final ServerConnections connections;
  private final RefusedSessions refused;
  private final ExemptionStore exemptions;

  RulesSteps(
      RulesConversion conversion,
      RulesChange rules,
      RulesUndo rulesUndo,
      HbaHistory history,
      LoginProbe logins,
      ServerConnections connections,
      RefusedSessions refused,
      ExemptionStore exemptions) {
    this.conversion = conversion;
    this.rules = rules;
    this.rulesUndo = rulesUndo;
    this.history = history;
    this.logins = logins;
    this.connections = connections;
    this.refused = refused;
    this.exemptions = exemptions;
  }

  @Override
  public Set<StepKind> kinds() {
    return Set.of(StepKind.CONVERT_RULES, StepKind.RELAX_RULES);
  }

  /**
   * @param change how to put the previous file back; null when the file was right and only what is
   *     spared changed
   * @param edits what the conversion changed, kept here so that a restart in the middle still
   *     records them
   * @param spared what plaintext was spared before
   */
  record Undo(RulesUndo.@Nullable Recorded change, List<HbaEdit> edits, Set<Exemption> spared) {
    Undo {
      // one that an earlier version recorded has none
      spared = spared == null ? Set.of() : Set.copyOf(spared);
    }
  }

  @Override
  public StepResult run(StepContext<RolloutRequest> context, StepKind kind) {
    try (ServerUnderChange change = context.open()) {
      rules.settle(change);
      return kind == StepKind.CONVERT_RULES ? convert(context, change) : relax(context, change);
    }
  }

  private StepResult convert(StepContext<RolloutRequest> context, ServerUnderChange change) {
    RulesConversion.Plan plan =
        conversion.planEnforce(change.session(), context.request().conversionOptions());
    List<ServerConnection> toBeEnded = requireReplicationSecured(context, change, plan);
    if (plan.changesNothing() && plaintextRefused(change, plan)) {
      recordEditsOfEarlierRun(context, change);
      spare(context, plan.exemptions());
      return StepResult.skipped(
          Map.of("plaintextLogin", plaintextLogin(change, plan).outcome(), "proof", plan.proof()));
    }
    Map<String, Object> observed = new LinkedHashMap<>(apply(context, change, plan));
    if (!toBeEnded.isEmpty()) {
      observed.put("unregisteredStandbys", toBeEnded);
    }
    return StepResult.done(observed);
  }

  private StepResult relax(StepContext<RolloutRequest> context, ServerUnderChange change) {
    List<HbaEdit> edits = history.outstandingEdits(context.server());
    boolean admitted = logins.plaintext(change.login()).admitted();
    if (admitted && isRelaxedAlready(context, change)) {
      return finishRelaxing(context, change, edits);
    }
    boolean nothingOfOurs = edits.isEmpty() && context.request().target() == TlsMode.OFFERED;
    if (admitted && nothingOfOurs) {
      spare(context, Set.of());
      return StepResult.skipped(Map.of("plaintextLogin", "ADMITTED"));
    }
    RulesConversion.Plan plan = conversion.planRelax(change.session(), edits, true);
    if (admitted && plan.changesNothing()) {
      spare(context, Set.of());
      return StepResult.skipped(Map.of("plaintextLogin", "ADMITTED"));
    }
    return StepResult.done(apply(context, change, plan));
  }

  /** The file is right as it is; what plaintext is spared is to be taken back all the same. */
  private void spare(StepContext<RolloutRequest> context, Set<Exemption> spared) {
    Set<Exemption> before = exemptions.of(context.server().id());
    if (!before.equals(spared)) {
      context.recordUndo(new Undo(null, List.of(), before));
      exemptions.set(context.server().id(), spared);
    }
  }

  /** An earlier run of this step wrote its rules before it was stopped. */
  private boolean isRelaxedAlready(StepContext<RolloutRequest> context, ServerUnderChange change) {
    return context
        .recordedUndo(Undo.class)
        .map(Undo::change)
        .filter(recorded -> rulesUndo.isWritten(change, recorded))
        .isPresent();
  }

  private StepResult finishRelaxing(
      StepContext<RolloutRequest> context, ServerUnderChange change, List<HbaEdit> edits) {
    exemptions.set(context.server().id(), Set.of());
    HbaTree tree = rules.removeSentinel(change);
    change.requireHeld();
    if (!edits.isEmpty()) {
      String author = context.job().requestedBy();
      history.append(context.server(), tree, HbaNote.relaxed(author));
    }
    return StepResult.done(Map.of("plaintextLogin", logins.plaintext(change.login()).detail()));
  }

  private Map<String, Object> apply(
      StepContext<RolloutRequest> context, ServerUnderChange change, RulesConversion.Plan plan) {
    RulesChange.Prepared prepared = conversion.prepare(change, plan);
    Set<Exemption> spared = exemptions.of(context.server().id());
    context.recordUndo(new Undo(rulesUndo.of(change, prepared), plan.edits(), spared));
    if (context.recordedUndo(Undo.class).map(Undo::change).isEmpty()) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE,
              "pg_hba.conf needed no change when this step first ran, and was changed since")
          .hint("Start another rollout");
    }
    context.note(
        "rules planned",
        Map.of("diff", plan.diff(), "wouldBeRefused", plan.effect().refused().size()));
    String author = context.job().requestedBy();
    HbaNote note = HbaNote.relaxed(author);
    if (plan.direction() == RulesConversion.Direction.ENFORCE) {
      note =
          HbaNote.enforced(
              author, plan.edits().isEmpty() ? editsOfEarlierRun(context) : plan.edits());
    }
    RulesChange.Applied applied =
        rules.apply(change, prepared, note, context.request().confirmation());
    exemptions.set(context.server().id(), plan.exemptions());
    return observed(change, plan, applied);
  }

  private Map<String, Object> observed(
      ServerUnderChange change, RulesConversion.Plan plan, RulesChange.Applied applied) {
    Map<String, Object> observed = new LinkedHashMap<>();
    observed.put(RELOADED_AT, applied.reloadedAt().toString());
    observed.put("generation", applied.generation());
    observed.put("sha256", applied.tag());
    if (plan.direction() == RulesConversion.Direction.ENFORCE) {
      observed.put("options", plan.options());
    }
    observed.put("diff", plan.diff());
    observed.put("remarks", plan.remarks());
    observed.put("conflicts", plan.conflicts());
    observed.put("proof", plan.proof());
    observed.put("sessionsThatWouldBeRefused", plan.effect().refused());
    observed.put("plaintextLogin", plaintextLogin(change, plan).detail());
    observed.put(
        "plaintextReplicationLogin",
        logins.plaintextReplication(change.login()).excepting(excepted(change, plan)).detail());
    return observed;
  }

  private void recordEditsOfEarlierRun(
      StepContext<RolloutRequest> context, ServerUnderChange change) {
    List<HbaEdit> edits = editsOfEarlierRun(context);
    if (!history.outstandingEdits(context.server()).containsAll(edits)) {
      history.enforcedEarlier(
          context.server(), context.job().requestedBy(), rules.present(change), edits);
    }
  }

  private static List<HbaEdit> editsOfEarlierRun(StepContext<RolloutRequest> context) {
    return context.recordedUndo(Undo.class).map(Undo::edits).orElse(List.of());
  }

  private boolean plaintextRefused(ServerUnderChange change, RulesConversion.Plan plan) {
    boolean excepted = excepted(change, plan);
    return plan.proof().enforced()
        && logins.plaintext(change.login()).excepting(excepted).refusedOrExcepted()
        && logins.plaintextReplication(change.login()).excepting(excepted).refusedOrExcepted();
  }

  private SslState.Probe plaintextLogin(ServerUnderChange change, RulesConversion.Plan plan) {
    return logins.plaintext(change.login()).excepting(excepted(change, plan));
  }

  private static boolean excepted(ServerUnderChange change, RulesConversion.Plan plan) {
    return plan.exemptions().contains(Exemption.LOOPBACK) && change.fromLoopback();
  }

  /**
   * A walsender that still runs in plaintext would be refused at its next reconnect, and its
   * standby or subscriber would fall behind for good.
   *
   * @return the physical ones that may be ended nevertheless
   */
  private List<ServerConnection> requireReplicationSecured(
      StepContext<RolloutRequest> context, ServerUnderChange change, RulesConversion.Plan plan) {
    Predicate<ServerConnection> toEnd =
        refused.of(change.session(), plan.rules(), plan.exemptions());
    Map<Boolean, List<ServerConnection>> allowed =
        connections.list(change.session()).stream()
            .filter(ServerConnection::walsender)
            .filter(toEnd)
            .collect(
                Collectors.partitioningBy(
                    c ->
                        c.physicalReplication() && context.request().allowsUnregisteredStandbys()));
    List<ServerConnection> plaintext = allowed.get(false);
    if (!plaintext.isEmpty()) {
      ServerConnection first = plaintext.get(0);
      throw new PgsealException(
              ProblemType.LOCKOUT_RISK,
              "A replication connection still comes in plaintext: %s from %s as %s"
                  .formatted(first.applicationName(), first.clientAddress(), first.username()))
          .with("walsenders", plaintext)
          .hint(
              "Register the standby and name it in this rollout, or give its primary_conninfo (or"
                  + " its subscription) sslmode=require or better");
    }
    return allowed.get(true);
  }

  @Override
  public void undo(StepContext<RolloutRequest> context, StepKind kind, String undo) {
    try (ServerUnderChange change = context.open()) {
      rules.settle(change);
      Undo recorded = context.undoCodec().read(undo, Undo.class);
      if (recorded.change() == null) {
        exemptions.set(context.server().id(), recorded.spared());
        return;
      }
      rulesUndo.run(change, recorded.change());
      change.requireHeld();
      exemptions.set(context.server().id(), recorded.spared());
      history.restored(
          context.server(),
          context.job().requestedBy(),
          rules.present(change),
          kind == StepKind.CONVERT_RULES);
    }
  }
}
