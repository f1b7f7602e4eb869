package dev.pgseal.rollout;

import dev.pgseal.job.StepResult;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.server.TlsMode;
import dev.pgseal.tls.KeyTwins;
import dev.pgseal.tls.Preflight;
import dev.pgseal.tls.ServerUnderChange;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** Refuses early what would fail later, before anything is changed. */
@ApplicationScoped
class PreflightStep implements RolloutStep {

  private static final String COPIED_KEY =
      "its private key is another node's, copied by a base backup, say: name an authority, or"
          + " SELF_SIGNED, to give it a key of its own";

  private final Preflight preflight;
  private final ServerConnections connections;
  private final KeyTwins twins;

  PreflightStep(Preflight preflight, ServerConnections connections, KeyTwins twins) {
    this.preflight = preflight;
    this.connections = connections;
    this.twins = twins;
  }

  private static boolean keepsItsKey(StepContext<RolloutRequest> context) {
    return context.request().target() != TlsMode.DISABLED
        && context.request().certificateSource() == RolloutRequest.CertificateSource.PRESENT;
  }

  @Override
  public Set<StepKind> kinds() {
    return Set.of(StepKind.PREFLIGHT);
  }

  @Override
  public StepResult run(StepContext<RolloutRequest> context, StepKind kind) {
    try (ServerUnderChange change = context.open()) {
      PostgresSession session = change.session();
      preflight.forSsl(session);
      preflight.forRules(session);
      Map<String, Object> observed = new LinkedHashMap<>();
      observed.put("postgresMajor", session.major());
      observed.put("encryptedSession", session.encrypted());
      observed.put("sessionsByEncryption", SessionReport.byEncryption(connections.list(session)));
      if (keepsItsKey(context) && twins.sharesKey(session, context.server(), context.primary())) {
        observed.put("copiedKey", COPIED_KEY);
      }
      return StepResult.done(observed);
    }
  }
}
