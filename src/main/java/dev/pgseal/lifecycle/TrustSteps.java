package dev.pgseal.lifecycle;

import dev.pgseal.certificate.TrustBundle;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.job.StepResult;
import dev.pgseal.rollout.StepContext;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerStore;
import dev.pgseal.tls.AuthorityGenerations;
import dev.pgseal.tls.ClientAuthentication;
import dev.pgseal.tls.ReplicationTls;
import dev.pgseal.tls.ServerUnderChange;
import dev.pgseal.tls.StreamTrust;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The steps of a rotation that widen what is trusted, and later narrow it. */
@ApplicationScoped
public class TrustSteps {

  private final Authorities authorities;
  private final AuthorityGenerations generations;
  private final ClientAuthentication clients;
  private final StreamTrust streams;
  private final ServerStore servers;
  private final LifecycleConfig config;

  public TrustSteps(
      Authorities authorities,
      AuthorityGenerations generations,
      ClientAuthentication clients,
      StreamTrust streams,
      ServerStore servers,
      LifecycleConfig config) {
    this.authorities = authorities;
    this.generations = generations;
    this.clients = clients;
    this.streams = streams;
    this.servers = servers;
    this.config = config;
  }

  /** Both generations, or the one that signs now when the old one is being withdrawn. */
  private TrustBundle wanted(StepContext<RotationRequest> context) {
    TrustBundle both =
        generations.requireBundle(authorities.require(context.request().authority()));
    return RotationPlan.Kind.valueOf(context.step().kind()).name().startsWith("TRUST_NEW")
        ? new TrustBundle(List.of(both.roots().get(0)))
        : both;
  }

  StepResult forClients(StepContext<RotationRequest> context) {
    try (ServerUnderChange change = context.open()) {
      context.recordUndo(clients.prepareUndo(change.session()));
      ClientAuthentication.Proof proof =
          clients.trust(
              change, context.request().authority(), wanted(context), config.revocationListLife());
      return StepResult.done(Map.of("clientCertificatesTakenOf", proof.trusted()));
    }
  }

  void undoForClients(StepContext<RotationRequest> context, String undo) {
    ClientAuthentication.Undo before =
        context.undoCodec().read(undo, ClientAuthentication.Undo.class);
    try (ServerUnderChange change = context.open()) {
      clients.undo(change, before);
      String authority = context.request().authority();
      if (before.lists() != null || clients.anyRevoked(authority)) {
        // those of then may have expired, and others may have been revoked since
        clients.publish(change, authority, config.revocationListLife());
      }
    }
  }

  StepResult inStream(StepContext<RotationRequest> context) {
    try (ServerUnderChange standby = context.open()) {
      context.recordUndo(streams.prepareUndo(standby.session()));
      ReplicationTls.Secured secured =
          streams.trust(standby, context.requirePrimary(), wanted(context).pem());
      return StepResult.done(Map.of("sslmode", secured.sslMode(), "host", secured.host()));
    }
  }

  void undoInStream(StepContext<RotationRequest> context, String undo) {
    try (ServerUnderChange standby = context.open()) {
      streams.undo(
          standby,
          context.requirePrimary(),
          context.undoCodec().read(undo, StreamTrust.Undo.class));
    }
  }

  /**
   * @param certificates what pgseal trusted for this server; null when it did not verify
   */
  record PgsealUndo(@Nullable String certificates) {}

  StepResult inPgseal(StepContext<RotationRequest> context) {
    ManagedServer server = context.server();
    String present = server.sslRootCertificate();
    if (present == null) {
      return StepResult.skipped(Map.of("sslRootCertificate", "pgseal verifies with none here"));
    }
    TrustBundle bundle = TrustBundle.parse(present);
    List<X509Certificate> ours =
        generations.requireBundle(authorities.require(context.request().authority())).roots();
    if (bundle.roots().stream().noneMatch(ours::contains)) {
      return StepResult.skipped(Map.of("sslRootCertificate", "is not of this authority"));
    }
    context.recordUndo(new PgsealUndo(present));
    for (X509Certificate root : ours) {
      bundle = bundle.without(root);
    }
    for (X509Certificate root : wanted(context).roots()) {
      bundle = bundle.with(root);
    }
    trustInPgseal(server, bundle.pem());
    context.access().fresh(again(server)).close();
    return StepResult.done(Map.of("login", "SUCCEEDED"));
  }

  void undoInPgseal(StepContext<RotationRequest> context, String undo) {
    String before = context.undoCodec().read(undo, PgsealUndo.class).certificates();
    trustInPgseal(context.server(), Optional.ofNullable(before).orElseThrow());
    context.access().fresh(again(context.server())).close();
  }

  private void trustInPgseal(ManagedServer server, String certificates) {
    ManagedServer now = again(server);
    servers.update(
        new ManagedServer(
            now.id(),
            now.name(),
            now.host(),
            now.port(),
            now.database(),
            now.username(),
            now.sslMode(),
            certificates,
            now.endpoints(),
            now.labels(),
            now.desiredMode(),
            now.revision(),
            now.createdAt(),
            now.updatedAt()),
        null);
  }

  private ManagedServer again(ManagedServer server) {
    return servers.find(server.id()).orElseThrow();
  }
}
