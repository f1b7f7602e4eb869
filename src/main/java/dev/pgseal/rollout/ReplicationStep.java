package dev.pgseal.rollout;

import dev.pgseal.job.StepResult;
import dev.pgseal.tls.ReplicationTls;
import dev.pgseal.tls.ServerUnderChange;
import dev.pgseal.tls.TrustAnchors;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Set;

/** Moves a standby's stream onto TLS or off it, and takes that back. */
@ApplicationScoped
class ReplicationStep implements RolloutStep {

  private final ReplicationTls replication;
  private final TrustAnchors trust;

  ReplicationStep(ReplicationTls replication, TrustAnchors trust) {
    this.replication = replication;
    this.trust = trust;
  }

  @Override
  public Set<StepKind> kinds() {
    return Set.of(StepKind.SECURE_REPLICATION, StepKind.RELEASE_REPLICATION);
  }

  @Override
  public StepResult run(StepContext<RolloutRequest> context, StepKind kind) {
    try (ServerUnderChange standby = context.open()) {
      if (kind == StepKind.SECURE_REPLICATION) {
        return secure(context, standby);
      }
      ReplicationTls.Undo undo =
          context.keepUndo(replication.prepareUndo(standby.session()), ReplicationTls.Undo.class);
      ReplicationTls.Released released =
          replication.release(standby, context.requirePrimary(), undo);
      return StepResult.done(
          Map.of(
              "sslmode", released.sslMode(),
              "asBefore", released.exact(),
              "remark", released.remark()));
    }
  }

  private StepResult secure(StepContext<RolloutRequest> context, ServerUnderChange standby) {
    if (replication.isSecured(standby.session(), context.requirePrimary())) {
      return StepResult.skipped(Map.of("walsender", "TLS"));
    }
    context.recordUndo(replication.prepareUndo(standby.session()));
    ReplicationTls.Secured secured =
        replication.secure(
            standby, context.requirePrimary(), trust.of(context.requirePrimary()).orElse(null));
    return StepResult.done(
        Map.of(
            "sslmode", secured.sslMode(),
            "host", secured.host(),
            "walsender", "TLS",
            "remark", secured.remark(),
            "tried", secured.tried()));
  }

  @Override
  public void undo(StepContext<RolloutRequest> context, StepKind kind, String undo) {
    try (ServerUnderChange standby = context.open()) {
      replication.undo(
          standby,
          context.requirePrimary(),
          context.undoCodec().read(undo, ReplicationTls.Undo.class));
    }
  }
}
