package dev.pgseal.rollout;

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
  public Result run(StepContext context, StepKind kind) {
    try (ServerUnderChange standby = context.open()) {
      if (kind == StepKind.SECURE_REPLICATION) {
        return secure(context, standby);
      }
      context.recordUndo(replication.prepareUndo(standby.session()));
      replication.release(standby, context.requirePrimary());
      return Result.done(Map.of("sslmode", "prefer"));
    }
  }

  private Result secure(StepContext context, ServerUnderChange standby) {
    if (replication.isSecured(standby.session(), context.requirePrimary())) {
      return Result.skipped(Map.of("walsender", "TLS"));
    }
    context.recordUndo(replication.prepareUndo(standby.session()));
    ReplicationTls.Secured secured =
        replication.secure(
            standby, context.requirePrimary(), trust.of(context.requirePrimary()).orElse(null));
    return Result.done(
        Map.of(
            "sslmode", secured.sslMode(),
            "host", secured.host(),
            "walsender", "TLS",
            "remark", secured.remark()));
  }

  @Override
  public void undo(StepContext context, StepKind kind, String undo) {
    try (ServerUnderChange standby = context.open()) {
      replication.undo(
          standby,
          context.requirePrimary(),
          context.undoCodec().read(undo, ReplicationTls.Undo.class));
    }
  }
}
