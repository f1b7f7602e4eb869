package dev.pgseal.rollout;

import dev.pgseal.job.StepResult;
import dev.pgseal.postgres.TlsAnswer;
import dev.pgseal.tls.ServerUnderChange;
import dev.pgseal.tls.SslSwitch;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Set;

/** Turns ssl on or off, and takes that back. */
@ApplicationScoped
class SslStep implements RolloutStep {

  private final SslSwitch ssl;

  SslStep(SslSwitch ssl) {
    this.ssl = ssl;
  }

  @Override
  public Set<StepKind> kinds() {
    return Set.of(StepKind.ENABLE_SSL, StepKind.DISABLE_SSL);
  }

  @Override
  public StepResult run(StepContext<RolloutRequest> context, StepKind kind) {
    try (ServerUnderChange change = context.open()) {
      return kind == StepKind.ENABLE_SSL ? enable(context, change) : disable(context, change);
    }
  }

  private StepResult enable(StepContext<RolloutRequest> context, ServerUnderChange change) {
    String minProtocol = context.request().minProtocolVersion();
    if (minProtocol == null && ssl.isOn(change)) {
      return StepResult.skipped(observed(ssl.requireServed(change, null)));
    }
    context.recordUndo(ssl.prepareUndo(change.session()));
    return StepResult.done(observed(ssl.enable(change, minProtocol)));
  }

  private StepResult disable(StepContext<RolloutRequest> context, ServerUnderChange change) {
    if (ssl.isOff(change)) {
      return StepResult.skipped(Map.of("sslRequest", "N"));
    }
    context.recordUndo(ssl.prepareUndo(change.session()));
    ssl.disable(change);
    return StepResult.done(Map.of("sslRequest", "N", "plaintextLogin", "ADMITTED"));
  }

  @Override
  public void undo(StepContext<RolloutRequest> context, StepKind kind, String undo) {
    try (ServerUnderChange change = context.open()) {
      ssl.undoProved(change, context.undoCodec().read(undo, SslSwitch.Undo.class));
    }
  }

  private static Map<String, Object> observed(TlsAnswer.Served served) {
    return Map.of(
        "protocol", served.protocol(),
        "cipher", served.cipher(),
        "fingerprint", served.fingerprint());
  }
}
