package dev.pgseal.rollout;

import dev.pgseal.job.StepResult;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.tls.SslState;
import dev.pgseal.tls.SslStateReader;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Sees from outside that a server is in the mode that was asked for. */
@ApplicationScoped
class ProofSteps implements RolloutStep {

  private final SslStateReader states;
  private final StragglerWait stragglers;
  private final ServerConnections connections;

  ProofSteps(SslStateReader states, StragglerWait stragglers, ServerConnections connections) {
    this.states = states;
    this.stragglers = stragglers;
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
      StepResult look = stragglers.look(context);
      if (look.outcome() != StepResult.Outcome.DONE) {
        return look;
      }
      observed.putAll(look.observed());
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
      observed.put("sessionsByEncryption", SessionReport.byEncryption(connections.list(session)));
    }
    observed.put("mode", state.mode().name());
    if (!state.enforced().exceptions().isEmpty()) {
      observed.put("exceptions", state.enforced().exceptions());
      observed.put("reasons", state.reasons());
    }
    observed.put("plaintextLogin", text(state.enforced().plaintextLogin()));
    observed.put("plaintextReplicationLogin", text(state.enforced().plaintextReplicationLogin()));
    if (state.served().fingerprint() != null) {
      observed.put("fingerprint", state.served().fingerprint());
      observed.put("protocol", String.valueOf(state.served().protocol()));
    }
    return StepResult.done(observed);
  }

  private static String text(SslState.Probe probe) {
    return probe.outcome() + " (" + probe.detail() + ")";
  }
}
