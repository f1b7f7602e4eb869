package dev.pgseal.tls;

import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerSetting;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.postgres.SslFiles;
import dev.pgseal.postgres.TlsAnswer;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ConnectionSslMode;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns {@code ssl} on and off, each as one step that is proved from outside or undone.
 *
 * <p>On: preflight, set, reload, then the handshake of a fresh socket must show the certificate
 * that lies in {@code ssl_cert_file}, and our own login must still succeed. {@code SHOW ssl} is not
 * asked: after a bad key it says {@code on} while the server answers {@code N} (POSTGRES source
 * postmaster.c: LoadedSSL). Off: only when plaintext is admitted now, seen from outside.
 */
@ApplicationScoped
public class SslSwitch {

  private static final String SSL = "ssl";
  private static final String MIN_PROTOCOL = "ssl_min_protocol_version";

  private final Preflight preflight;
  private final ServerSettings settings;
  private final SslFaults faults;
  private final WireProbe wire;
  private final LoginProbe logins;
  private final ConfiguredCertificate configuredCertificate;

  public SslSwitch(
      Preflight preflight,
      ServerSettings settings,
      SslFiles files,
      WireProbe wire,
      LoginProbe logins,
      ConfiguredCertificate configuredCertificate) {
    this.preflight = preflight;
    this.settings = settings;
    this.faults = new SslFaults(settings, files);
    this.wire = wire;
    this.logins = logins;
    this.configuredCertificate = configuredCertificate;
  }

  /** What postgresql.auto.conf said before; enough to take the switch back. */
  public record Undo(Map<String, Optional<String>> autoConf) {
    public Undo {
      autoConf = Map.copyOf(autoConf);
    }
  }

  public Undo prepareUndo(PostgresSession session) {
    return new Undo(settings.autoConf(session, Set.of(SSL, MIN_PROTOCOL)));
  }

  /**
   * True when TLS is served with the configured certificate and {@code ssl} is configured on, now
   * and after the next reload.
   */
  public boolean isOn(ServerUnderChange change) {
    if (!"on".equals(setting(change.session(), SSL)) || reloadMakesIt(change, false)) {
      return false;
    }
    return wire.tls(change.login().host(), change.login().port()) instanceof TlsAnswer.Served served
        && served.fingerprint().equals(configuredCertificate.fingerprint(change.session()));
  }

  /**
   * True when {@code ssl} is configured off, now and after the next reload, and an SSLRequest is
   * answered with {@code N}.
   */
  public boolean isOff(ServerUnderChange change) {
    return "off".equals(setting(change.session(), SSL))
        && !reloadMakesIt(change, true)
        && wire.tls(change.login().host(), change.login().port()) instanceof TlsAnswer.NotOffered;
  }

  /**
   * As after an ALTER SYSTEM that was never followed by a reload: somebody's, or ours if killed.
   */
  private boolean reloadMakesIt(ServerUnderChange change, boolean on) {
    return settings.afterReload(change.session(), SSL).filter(value -> value == on).isPresent();
  }

  /** Takes a switch back as a step of its own: what does not prove itself is as it was again. */
  public void undoProved(ServerUnderChange change, Undo undo) {
    Undo present = prepareUndo(change.session());
    undo(change, undo);
    try {
      requireConsistent(change);
    } catch (PgsealException e) {
      throw TakeBack.after(e, () -> undo(change, present));
    }
  }

  /**
   * Sees that wire and settings agree: after something was taken back, whatever was there before.
   *
   * @throws PgsealException {@code SSL_NOT_TAKEN}
   */
  public void requireConsistent(ServerUnderChange change) {
    try (PostgresSession fresh = change.fresh()) {
      if ("on".equals(setting(fresh, SSL))) {
        requireServed(change, configuredCertificate.fingerprint(fresh));
      } else {
        requireNotOffered(change);
      }
    }
  }

  /**
   * @param minProtocolVersion such as {@code TLSv1.3}; null leaves the setting alone
   * @return the proof: what the handshake of a fresh socket got
   * @throws PgsealException {@code SSL_NOT_TAKEN} after it was undone; or what {@link Preflight}
   *     says
   */
  public TlsAnswer.Served enable(ServerUnderChange change, @Nullable String minProtocolVersion) {
    preflight.forSsl(change.session());
    Undo undo = prepareUndo(change.session());
    String expected = configuredCertificate.fingerprint(change.session());
    TlsAnswer before = wire.tls(change.login().host(), change.login().port());
    Map<String, Optional<String>> wanted = new HashMap<>();
    wanted.put(SSL, Optional.of("on"));
    if (minProtocolVersion != null) {
      wanted.put(MIN_PROTOCOL, Optional.of(minProtocolVersion));
    }
    try {
      settings.alterSystem(change.session(), wanted);
      change.reload();
      TlsAnswer.Served served = requireServed(change, expected);
      requireTakenAnew(change, before, served);
      requireRefused(change, minProtocolVersion);
      change.fresh().close();
      return served;
    } catch (PgsealException e) {
      throw TakeBack.after(e, () -> undo(change, undo));
    }
  }

  /**
   * A server that goes on with its old context shows the same certificate as one that built a new
   * context from the same files: then only the files and settings themselves can tell.
   */
  private void requireTakenAnew(
      ServerUnderChange change, TlsAnswer before, TlsAnswer.Served served) {
    boolean same =
        before instanceof TlsAnswer.Served earlier
            && earlier.fingerprint().equals(served.fingerprint());
    List<String> found = same ? faults(change) : List.of();
    if (!found.isEmpty()) {
      throw new PgsealException(
              ProblemType.SSL_NOT_TAKEN,
              "PostgreSQL goes on with the TLS configuration it had, and could not start again: "
                  + String.join("; ", found))
          .hint("Mend the files that ssl_cert_file and ssl_key_file name, then try again");
    }
  }

  private void requireRefused(ServerUnderChange change, @Nullable String minProtocolVersion) {
    if ("TLSv1.3".equals(minProtocolVersion)
        && wire.tls(change.login().host(), change.login().port(), "TLSv1.2")
            instanceof TlsAnswer.Served) {
      throw new PgsealException(
          ProblemType.SSL_NOT_TAKEN, "The server goes on serving TLSv1.2, below the minimum");
    }
  }

  /**
   * @throws PgsealException {@code LOCKOUT_RISK} before anything was changed, {@code SSL_NOT_TAKEN}
   *     after it was undone
   */
  public void disable(ServerUnderChange change) {
    preflight.forSsl(change.session());
    requirePlaintextAdmitted(change);
    Undo undo = prepareUndo(change.session());
    try {
      settings.alterSystem(change.session(), Map.of(SSL, Optional.of("off")));
      change.reload();
      requireNotOffered(change);
      SslState.Probe after = logins.plaintext(change.login());
      if (!after.admitted()) {
        throw new PgsealException(
            ProblemType.SSL_NOT_TAKEN,
            "After ssl=off the server refuses plaintext: " + after.detail());
      }
      change.fresh().close();
    } catch (PgsealException e) {
      throw TakeBack.after(e, () -> undo(change, undo));
    }
  }

  /** Turns it on unless it is on and proved so already. */
  public void ensureOn(ServerUnderChange change, @Nullable String minProtocolVersion) {
    if (minProtocolVersion != null || !isOn(change)) {
      enable(change, minProtocolVersion);
    }
  }

  /** Turns it off unless it is off and proved so already. */
  public void ensureOff(ServerUnderChange change) {
    if (!isOff(change)) {
      disable(change);
    }
  }

  /** Puts the settings back and reloads; what is then served is for the caller to look at. */
  public void undo(ServerUnderChange change, Undo undo) {
    settings.alterSystem(change.session(), undo.autoConf());
    change.reload();
  }

  /**
   * @param expectedFingerprint of the certificate that must be served; null takes any
   */
  public TlsAnswer.Served requireServed(
      ServerUnderChange change, @Nullable String expectedFingerprint) {
    TlsAnswer answer = wire.tls(change.login().host(), change.login().port());
    if (answer instanceof TlsAnswer.Served served) {
      if (expectedFingerprint == null || served.fingerprint().equals(expectedFingerprint)) {
        return served;
      }
      throw new PgsealException(
              ProblemType.CERTIFICATE_NOT_SERVED,
              "The server goes on serving another certificate: "
                  + CertificateDescription.of(served.leaf()).subject())
          .with("servedFingerprint", served.fingerprint())
          .with("expectedFingerprint", expectedFingerprint)
          .with("diagnosis", explanation(change))
          .hint("See the server log for 'SSL configuration was not reloaded'");
    }
    throw new PgsealException(
            ProblemType.SSL_NOT_TAKEN,
            "PostgreSQL did not take the SSL configuration (%s): %s"
                .formatted(TlsWords.describe(answer), explanation(change)))
        .hint("See the server log for 'SSL configuration was not reloaded'");
  }

  private void requirePlaintextAdmitted(ServerUnderChange change) {
    ConnectionSslMode mode = change.login().sslMode();
    if (mode != ConnectionSslMode.PREFER && mode != ConnectionSslMode.DISABLE) {
      throw new PgsealException(
              ProblemType.LOCKOUT_RISK,
              "pgseal itself connects with sslmode="
                  + mode.parameter()
                  + ", so it could not return")
          .hint("PATCH the server's sslMode to PREFER first");
    }
    SslState.Probe now = logins.plaintext(change.login());
    if (!now.admitted()) {
      throw new PgsealException(
              ProblemType.LOCKOUT_RISK,
              "Plaintext is not admitted now, so with ssl=off nobody could log in over TCP: "
                  + now.detail())
          .hint("Relax the rules first: a rollout to DISABLED does both in the safe order");
    }
  }

  private void requireNotOffered(ServerUnderChange change) {
    TlsAnswer answer = wire.tls(change.login().host(), change.login().port());
    if (!(answer instanceof TlsAnswer.NotOffered)) {
      throw new PgsealException(
          ProblemType.SSL_NOT_TAKEN,
          "After ssl=off the server still answers: " + TlsWords.describe(answer));
    }
  }

  /** Why PostgreSQL does not take certificate and key, as far as it can be seen. */
  private String explanation(ServerUnderChange change) {
    List<String> found = faults(change);
    return found.isEmpty() ? "certificate and key look right" : String.join("; ", found);
  }

  /** In a fresh session: ours may not have heard of the reload yet. */
  private List<String> faults(ServerUnderChange change) {
    try (PostgresSession fresh = change.fresh()) {
      return faults.sentences(fresh);
    } catch (PgsealException e) {
      return faults.sentences(change.session());
    }
  }

  private @Nullable String setting(PostgresSession session, String name) {
    ServerSetting setting = settings.read(session).get(name);
    return setting == null ? null : setting.value();
  }
}
