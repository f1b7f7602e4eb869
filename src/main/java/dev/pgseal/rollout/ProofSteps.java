package dev.pgseal.rollout;

import dev.pgseal.job.StepResult;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.tls.RulesChange;
import dev.pgseal.tls.ServerUnderChange;
import dev.pgseal.tls.SslState;
import dev.pgseal.tls.SslStateReader;
import dev.pgseal.tls.StragglerScan;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Sees from outside that a server is in the mode that was asked for. */
@ApplicationScoped
class ProofSteps implements RolloutStep {

  private final SslStateReader states;
  private final StragglerScan stragglers;
  private final RulesChange rules;

  private final ServerConnections connections;

  ProofSteps(
      SslStateReader states,
      StragglerScan stragglers,
      RulesChange rules,
      ServerConnections connections) {
    this.states = states;
    this.stragglers = stragglers;
    this.rules = rules;
    this.connections = connections;
  }

  @Override
  public Set<StepKind> kinds() {
    return Set.of(StepKind.PROVE_ENFORCED, StepKind.PROVE_OFFERED, StepKind.PROVE_DISABLED);
  }

  @Override
  public StepResult run(StepContext<RolloutRequest> context, StepKind kind) {
    Map<String, Object> observed = new LinkedHashMap<>();
    if (kind == StepKind.PROVE_ENFORCED) {
      observed.putAll(waitForStragglers(context));
    }
    SslState state = states.read(context.server());
    SslState.Mode expected =
        switch (kind) {
          case PROVE_ENFORCED -> SslState.Mode.ENFORCED;
          case PROVE_OFFERED -> SslState.Mode.OFFERED;
          default -> SslState.Mode.OFF;
        };
    if (state.mode() != expected) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE,
              "%s was to be %s and is %s: %s"
                  .formatted(
                      context.server().name(),
                      expected,
                      state.mode(),
                      String.join("; ", state.reasons())))
          .with("mode", state.mode().name())
          .hint("GET /v1/servers/" + context.server().name() + "/ssl shows all four faces");
    }
    try (PostgresSession session = context.access().fresh(context.server())) {
      observed.put("sessionsByEncryption", SessionSteps.byEncryption(connections.list(session)));
    }
    observed.put("mode", state.mode().name());
    observed.put("plaintextLogin", text(state.enforced().plaintextLogin()));
    observed.put("plaintextReplicationLogin", text(state.enforced().plaintextReplicationLogin()));
    if (state.served().fingerprint() != null) {
      observed.put("fingerprint", state.served().fingerprint());
      observed.put("protocol", String.valueOf(state.served().protocol()));
    }
    return StepResult.done(observed);
  }

  private Map<String, Object> waitForStragglers(StepContext<RolloutRequest> context) {
    try (ServerUnderChange change = context.open()) {
      StragglerScan.Result result =
          stragglers.scan(
              change.session(),
              rules.loadedAt(change),
              () ->
                  context.execution().cancelRequested() || Thread.currentThread().isInterrupted());
      return Map.of(
          "provedAt", result.provedAt().toString(),
          "scans", result.scans(),
          "stragglersEnded", result.ended().size(),
          "plaintextSessions", 0);
    }
  }

  private static String text(SslState.Probe probe) {
    return probe.outcome() + " (" + probe.detail() + ")";
  }
}
