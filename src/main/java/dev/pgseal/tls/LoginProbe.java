package dev.pgseal.tls;

import dev.pgseal.postgres.LoginAnswer;
import dev.pgseal.postgres.LoginAttempt;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.server.LoginTarget;
import jakarta.enterprise.context.ApplicationScoped;

/** Logins tried from outside, as our own user, without a password: what do the loaded rules say? */
@ApplicationScoped
public class LoginProbe {

  private final WireProbe wire;

  public LoginProbe(WireProbe wire) {
    this.wire = wire;
  }

  public SslState.Probe plaintext(LoginTarget login) {
    return attempt(login, LoginAttempt.plaintext(login.username(), login.database()));
  }

  public SslState.Probe plaintextReplication(LoginTarget login) {
    return attempt(
        login, LoginAttempt.plaintext(login.username(), login.database()).asPhysicalReplication());
  }

  public SslState.Probe tls(LoginTarget login) {
    return attempt(login, LoginAttempt.tls(login.username(), login.database()));
  }

  private SslState.Probe attempt(LoginTarget login, LoginAttempt attempt) {
    LoginAnswer answer = wire.login(login.host(), login.port(), attempt);
    if (answer instanceof LoginAnswer.Admitted admitted) {
      return probe(SslState.Probe.Outcome.ADMITTED, "asked for " + admitted.authentication());
    }
    if (answer instanceof LoginAnswer.Refused refused) {
      return probe(SslState.Probe.Outcome.REFUSED, refused.sqlState() + " " + refused.message());
    }
    if (answer instanceof LoginAnswer.TlsNotOffered notOffered) {
      return probe(SslState.Probe.Outcome.REFUSED, "TLS: " + notOffered.reason());
    }
    return probe(SslState.Probe.Outcome.INCONCLUSIVE, ((LoginAnswer.Inconclusive) answer).reason());
  }

  private static SslState.Probe probe(SslState.Probe.Outcome outcome, String detail) {
    return new SslState.Probe(outcome, detail);
  }
}
