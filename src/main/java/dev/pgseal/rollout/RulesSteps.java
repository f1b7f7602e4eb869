package dev.pgseal.rollout;

import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.hba.HbaEdit;
import dev.pgseal.job.StepResult;
import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.TlsMode;
import dev.pgseal.tls.HbaHistory;
import dev.pgseal.tls.LoginProbe;
import dev.pgseal.tls.RulesChange;
import dev.pgseal.tls.RulesConversion;
import dev.pgseal.tls.ServerUnderChange;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes the rules refuse plaintext or admit it again, and takes that back. */
@ApplicationScoped
class RulesSteps implements RolloutStep {

  private final RulesConversion conversion;
  private final RulesChange rules;
  private final HbaHistory history;
  private final LoginProbe logins;
  private final ServerConnections connections;

  RulesSteps(
      RulesConversion conversion,
      RulesChange rules,
      HbaHistory history,
      LoginProbe logins,
      ServerConnections connections) {
    this.conversion = conversion;
    this.rules = rules;
    this.history = history;
    this.logins = logins;
    this.connections = connections;
  }

  @Override
  public Set<StepKind> kinds() {
    return Set.of(StepKind.CONVERT_RULES, StepKind.RELAX_RULES);
  }

  /**
   * @param change how to put the previous file back
   * @param edits what the conversion changed, kept here so that a restart in the middle still
   *     records them
   */
  record Undo(RulesChange.Undo change, List<HbaEdit> edits) {}

  @Override
  public StepResult run(StepContext<RolloutRequest> context, StepKind kind) {
    try (ServerUnderChange change = context.open()) {
      rules.settle(change);
      return kind == StepKind.CONVERT_RULES ? convert(context, change) : relax(context, change);
    }
  }

  private StepResult convert(StepContext<RolloutRequest> context, ServerUnderChange change) {
    List<ServerConnection> toBeEnded = requireReplicationSecured(context, change);
    RulesConversion.Plan plan =
        conversion.plan(
            change.session(),
            RulesConversion.Direction.ENFORCE,
            ConversionOptions.DEFAULT,
            List.of());
    if (plan.changesNothing() && plaintextRefused(change)) {
      recordEditsOfEarlierRun(context, change);
      return StepResult.skipped(Map.of("plaintextLogin", "REFUSED"));
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
      return StepResult.skipped(Map.of("plaintextLogin", "ADMITTED"));
    }
    RulesConversion.Plan plan =
        conversion.plan(
            change.session(), RulesConversion.Direction.RELAX, ConversionOptions.DEFAULT, edits);
    if (admitted && plan.changesNothing()) {
      return StepResult.skipped(Map.of("plaintextLogin", "ADMITTED"));
    }
    return StepResult.done(apply(context, change, plan));
  }

  /** An earlier run of this step wrote its rules before it was stopped. */
  private boolean isRelaxedAlready(StepContext<RolloutRequest> context, ServerUnderChange change) {
    return context
        .recordedUndo(Undo.class)
        .filter(undo -> rules.isWritten(change, undo.change()))
        .isPresent();
  }

  private StepResult finishRelaxing(
      StepContext<RolloutRequest> context, ServerUnderChange change, List<HbaEdit> edits) {
    byte[] content = rules.removeSentinel(change);
    if (!edits.isEmpty()) {
      history.relaxed(context.server(), context.execution().job().requestedBy(), content);
    }
    return StepResult.done(Map.of("plaintextLogin", logins.plaintext(change.login()).detail()));
  }

  private Map<String, Object> apply(
      StepContext<RolloutRequest> context, ServerUnderChange change, RulesConversion.Plan plan) {
    RulesChange.Prepared prepared = conversion.prepare(change, plan);
    context.recordUndo(new Undo(rules.undoOf(change, prepared), plan.edits()));
    context.note(
        "rules planned",
        Map.of("diff", plan.diff(), "wouldBeRefused", plan.wouldBeRefused().size()));
    RulesChange.Applied applied = rules.apply(change, prepared, context.request().confirmation());
    String author = context.execution().job().requestedBy();
    if (plan.direction() == RulesConversion.Direction.ENFORCE) {
      List<HbaEdit> edits = plan.edits().isEmpty() ? editsOfEarlierRun(context) : plan.edits();
      history.enforced(context.server(), author, applied, edits);
    } else {
      history.relaxed(context.server(), author, rules.removeSentinel(change));
    }
    return Map.of(
        "generation", applied.generation(),
        "sha256", applied.sha256(),
        "diff", plan.diff(),
        "remarks", plan.remarks(),
        "sessionsThatWouldBeRefused", plan.wouldBeRefused(),
        "plaintextLogin", logins.plaintext(change.login()).detail(),
        "plaintextReplicationLogin", logins.plaintextReplication(change.login()).detail());
  }

  private void recordEditsOfEarlierRun(
      StepContext<RolloutRequest> context, ServerUnderChange change) {
    List<HbaEdit> edits = editsOfEarlierRun(context);
    if (!history.outstandingEdits(context.server()).containsAll(edits)) {
      history.enforcedEarlier(
          context.server(), context.execution().job().requestedBy(), rules.present(change), edits);
    }
  }

  private static List<HbaEdit> editsOfEarlierRun(StepContext<RolloutRequest> context) {
    return context.recordedUndo(Undo.class).map(Undo::edits).orElse(List.of());
  }

  private boolean plaintextRefused(ServerUnderChange change) {
    return logins.plaintext(change.login()).refused()
        && logins.plaintextReplication(change.login()).refused();
  }

  /**
   * A walsender that still runs in plaintext would be refused at its next reconnect, and its
   * standby or subscriber would fall behind for good.
   *
   * @return the physical ones that may be ended nevertheless
   */
  private List<ServerConnection> requireReplicationSecured(
      StepContext<RolloutRequest> context, ServerUnderChange change) {
    Map<Boolean, List<ServerConnection>> allowed =
        connections.list(change.session()).stream()
            .filter(ServerConnection::walsender)
            .filter(c -> c.encryption() == Encryption.PLAINTEXT)
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
              "Register the standby and name it in this rollout, or give its primary_conninfo (or its subscription) sslmode=require or better");
    }
    return allowed.get(true);
  }

  @Override
  public void undo(StepContext<RolloutRequest> context, StepKind kind, String undo) {
    try (ServerUnderChange change = context.open()) {
      rules.settle(change);
      rules.undo(change, context.undoCodec().read(undo, Undo.class).change());
      history.restored(
          context.server(),
          context.execution().job().requestedBy(),
          rules.present(change),
          kind == StepKind.CONVERT_RULES);
    }
  }
}
