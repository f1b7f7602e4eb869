package dev.pgseal.rollout;

import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.tls.Preflight;
import dev.pgseal.tls.ServerUnderChange;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Set;

/** Refuses early what would fail later, before anything is changed. */
@ApplicationScoped
class PreflightStep implements RolloutStep {

  private final Preflight preflight;

  PreflightStep(Preflight preflight) {
    this.preflight = preflight;
  }

  @Override
  public Set<StepKind> kinds() {
    return Set.of(StepKind.PREFLIGHT);
  }

  @Override
  public Result run(StepContext context, StepKind kind) {
    try (ServerUnderChange change = context.open()) {
      PostgresSession session = change.session();
      preflight.forSsl(session);
      preflight.forRules(session);
      return Result.done(
          Map.of("postgresMajor", session.major(), "encryptedSession", session.encrypted()));
    }
  }
}
