package dev.pgseal.tls;

import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerSetting;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.postgres.SettingsFileError;
import dev.pgseal.postgres.TlsAnswer;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.server.LoginTarget;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Observes the four faces of a server's TLS, each from where it can be seen: settings over SQL, the
 * rest from fresh sockets. An unreachable or half-visible server is a state ({@code UNKNOWN}), not
 * an error.
 */
@ApplicationScoped
public class SslStateReader {

  private final ServerStore servers;
  private final ServerAccess access;
  private final ServerSettings settings;
  private final WireProbe wire;
  private final ConfiguredCertificate configuredCertificate;
  private final EnforcedReader enforced;
  private final Clock clock;

  public SslStateReader(
      ServerStore servers,
      ServerAccess access,
      ServerSettings settings,
      WireProbe wire,
      ConfiguredCertificate configuredCertificate,
      EnforcedReader enforced,
      Clock clock) {
    this.servers = servers;
    this.access = access;
    this.settings = settings;
    this.wire = wire;
    this.configuredCertificate = configuredCertificate;
    this.enforced = enforced;
    this.clock = clock;
  }

  public SslState read(ManagedServer server) {
    return read(server, wire.tls(server.host(), server.port()));
  }

  /** As {@link #read(ManagedServer)}, when the answer to an SSLRequest was just seen. */
  public SslState read(ManagedServer server, TlsAnswer answer) {
    LoginTarget login = servers.login(server);
    List<String> reasons = new ArrayList<>();
    SslState.Configured configured = unknownConfiguration();
    Optional<EnforcedReader.Rules> rules = Optional.empty();
    try (PostgresSession session = access.fresh(server)) {
      configured = configured(session);
      rules = enforced.rules(server, login, session, reasons);
    } catch (PgsealException e) {
      reasons.add(e.detail());
    }
    SslState.Served served = served(answer);
    SslState.Enforced enforcement = enforced.enforced(login, rules, reasons);
    SslState.Mode mode = mode(configured, served, enforcement, reasons);
    return new SslState(
        server.name(),
        mode,
        server.desiredMode(),
        configured,
        served,
        enforcement,
        List.copyOf(reasons),
        clock.instant());
  }

  private static SslState.Configured unknownConfiguration() {
    return new SslState.Configured(null, Map.of(), null, List.of());
  }

  private SslState.Configured configured(PostgresSession session) {
    Map<String, ServerSetting> now = settings.read(session);
    List<SettingsFileError> errors = settings.fileErrors(session);
    Optional<X509Certificate> leaf = configuredCertificate.leaf(session);
    ServerSetting ssl = now.get("ssl");
    return new SslState.Configured(
        ssl == null ? null : "on".equals(ssl.value()),
        now,
        leaf.map(CertificateDescription::of).orElse(null),
        errors);
  }

  /** The answer to an SSLRequest as a face. */
  static SslState.Served served(TlsAnswer answer) {
    if (answer instanceof TlsAnswer.Served served) {
      return new SslState.Served(
          SslState.Served.Outcome.SERVED,
          served.protocol(),
          served.cipher(),
          served.chain().stream().map(CertificateDescription::of).toList(),
          served.fingerprint(),
          null);
    }
    if (answer instanceof TlsAnswer.HandshakeFailed failed) {
      return notServed(SslState.Served.Outcome.HANDSHAKE_FAILED, failed.reason());
    }
    if (answer instanceof TlsAnswer.NoAnswer none) {
      return notServed(SslState.Served.Outcome.NO_ANSWER, none.reason());
    }
    return notServed(SslState.Served.Outcome.NOT_OFFERED, "the server answers N to an SSLRequest");
  }

  private static SslState.Served notServed(SslState.Served.Outcome outcome, String reason) {
    return new SslState.Served(outcome, null, null, List.of(), null, reason);
  }

  private static SslState.Mode mode(
      SslState.Configured configured,
      SslState.Served served,
      SslState.Enforced enforced,
      List<String> reasons) {
    if (served.outcome() == SslState.Served.Outcome.NO_ANSWER || configured.ssl() == null) {
      return SslState.Mode.UNKNOWN;
    }
    boolean serves = served.outcome() == SslState.Served.Outcome.SERVED;
    if (serves != configured.ssl()) {
      reasons.add(
          "ssl is configured %s, but on the wire: %s"
              .formatted(
                  configured.ssl() ? "on" : "off",
                  serves ? "TLS is served" : String.valueOf(served.reason())));
      return SslState.Mode.BROKEN;
    }
    if (!serves) {
      return enforced.verdict() == SslState.Enforced.Verdict.ENFORCED
          ? lockedOut(enforced, reasons)
          : rulesDisagree(reasons) ? SslState.Mode.BROKEN : SslState.Mode.OFF;
    }
    CertificateDescription onDisk = configured.certificate();
    if (onDisk != null && !onDisk.fingerprint().equals(served.fingerprint())) {
      reasons.add(
          "ssl_cert_file holds another certificate than the one served: a restart would change or"
              + " break it");
      return SslState.Mode.BROKEN;
    }
    if (rulesDisagree(reasons)) {
      return SslState.Mode.BROKEN;
    }
    return switch (enforced.verdict()) {
      case ENFORCED -> SslState.Mode.ENFORCED;
      case NOT_ENFORCED -> SslState.Mode.OFFERED;
      case UNKNOWN -> SslState.Mode.UNKNOWN;
    };
  }

  /** What lies on disk is not what is loaded. */
  private static boolean rulesDisagree(List<String> reasons) {
    return reasons.stream()
        .anyMatch(
            reason ->
                reason.equals(EnforcedReader.STALE)
                    || reason.equals(EnforcedReader.OTHERS_LOADED)
                    || reason.startsWith(EnforcedReader.REFUSED));
  }

  private static SslState.Mode lockedOut(SslState.Enforced enforced, List<String> reasons) {
    reasons.add(
        "TLS is off and plaintext is refused: nobody can log in over TCP"
            + (enforced.exceptions().isEmpty() ? "" : " but from loopback"));
    return SslState.Mode.BROKEN;
  }
}
