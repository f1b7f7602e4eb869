package dev.pgseal.posture;

import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.certificate.SubjectAltNames;
import dev.pgseal.postgres.TlsAnswer;
import dev.pgseal.postgres.TlsOffer;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.KeyTwins;
import dev.pgseal.tls.SslState;
import dev.pgseal.tls.SslStateReader;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Looks at one server from all sides and changes nothing on it. In the server's log it leaves at
 * most the two plaintext logins that were refused and the two handshakes that end early.
 */
@ApplicationScoped
public class PostureScan {

  private final WireProbe wire;
  private final SslStateReader states;
  private final InsideReader inside;
  private final KeyTwins twins;
  private final PostureConfig config;
  private final Clock clock;

  public PostureScan(
      WireProbe wire,
      SslStateReader states,
      InsideReader inside,
      KeyTwins twins,
      PostureConfig config,
      Clock clock) {
    this.wire = wire;
    this.states = states;
    this.inside = inside;
    this.twins = twins;
    this.config = config;
    this.clock = clock;
  }

  /**
   * @param settings empty when they could not be read
   */
  public record Scanned(Posture posture, Map<String, String> settings) {}

  /** An unreachable or half-visible server is a posture, not an error. */
  public Scanned scan(ManagedServer server, Proved proved) {
    TlsAnswer answer = wire.tls(server.host(), server.port());
    if (answer instanceof TlsAnswer.NoAnswer none) {
      return new Scanned(unreachable(server, none.reason()), Map.of());
    }
    X509Certificate leaf = answer instanceof TlsAnswer.Served served ? served.leaf() : null;
    SslState state = states.read(server, answer);
    Inside within = inside.read(server);
    Observation seen =
        new Observation(
            server,
            state,
            leaf,
            uncovered(leaf, server.endpoints()),
            leaf != null && twins.recordedElsewhere(leaf, server),
            within,
            floor(server, leaf != null, within.settings()),
            proved,
            now(),
            config.expiresSoon());
    return new Scanned(posture(seen), within.settings());
  }

  /** As exact as the control database keeps it. */
  private Instant now() {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }

  private Posture unreachable(ManagedServer server, String reason) {
    return Posture.blind(
        server.name(),
        now(),
        PostureFinding.of(
            FindingCode.UNREACHABLE,
            "No PostgreSQL answers at %s:%d: %s".formatted(server.host(), server.port(), reason),
            "Start the server, or correct its address: PATCH /v1/servers/{server}"));
  }

  private ProtocolFloor floor(
      ManagedServer server, boolean servesTls, Map<String, String> settings) {
    return new ProtocolFloor(
        settings.get("ssl_min_protocol_version"),
        settings.get("ssl_ciphers"),
        offer(server, servesTls, TlsOffer.OLD_PROTOCOLS),
        offer(server, servesTls, TlsOffer.WEAK_CIPHERS));
  }

  private ProtocolFloor.Offer offer(ManagedServer server, boolean servesTls, TlsOffer offer) {
    return servesTls
        ? ProtocolFloor.Offer.of(wire.offer(server.host(), server.port(), offer))
        : ProtocolFloor.Offer.UNKNOWN;
  }

  private static List<String> uncovered(@Nullable X509Certificate leaf, List<String> endpoints) {
    return leaf == null
        ? List.of()
        : endpoints.stream().filter(endpoint -> !covers(leaf, endpoint)).toList();
  }

  private static boolean covers(X509Certificate leaf, String endpoint) {
    try {
      return SubjectAltNames.of(leaf).covers(endpoint);
    } catch (PgsealException e) {
      return false; // names that cannot be decoded cover nothing
    }
  }

  private static Posture posture(Observation seen) {
    List<PostureFinding> findings = Findings.of(seen);
    return new Posture(
        seen.server().name(),
        seen.now(),
        Grade.of(findings),
        seen.state().mode(),
        true,
        seen.leaf() == null ? null : CertificateDescription.of(seen.leaf()),
        seen.uncovered(),
        seen.state().enforced(),
        seen.inside().sessions(),
        seen.protocols(),
        findings);
  }
}
