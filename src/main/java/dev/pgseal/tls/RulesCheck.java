package dev.pgseal.tls;

import dev.pgseal.hba.HbaDecision;
import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaError;
import dev.pgseal.hba.HbaRule;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerSetting;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.postgres.TlsAnswer;
import dev.pgseal.postgres.WireProbe;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ConnectionSslMode;
import java.util.List;

/** What can be told of new rules before they are written; refuses what would lock somebody out. */
final class RulesCheck {

  private final ServerSettings settings;
  private final WireProbe wire;
  private final AdmissionForecast forecast;

  RulesCheck(ServerSettings settings, WireProbe wire, AdmissionForecast forecast) {
    this.settings = settings;
    this.wire = wire;
    this.forecast = forecast;
  }

  /**
   * @param certainly there is no file that could come back, so no doubt about our own login is
   *     allowed
   * @throws PgsealException {@code HBA_INVALID}, {@code LOCKOUT_RISK}
   */
  void require(ServerUnderChange change, HbaDocument rules, boolean certainly) {
    requireAccepted(rules);
    requireOwnLogin(change, rules, certainly);
    requireRootCertificates(change.session(), rules);
  }

  private static void requireAccepted(HbaDocument rules) {
    List<HbaError> errors = rules.errors();
    if (!errors.isEmpty()) {
      HbaError first = errors.get(0);
      throw new PgsealException(
              ProblemType.HBA_INVALID,
              "PostgreSQL would refuse line %d: %s".formatted(first.line(), first.message()))
          .with("line", first.line())
          .with("errors", errors)
          .hint("Nothing was changed; mend the line and send the text again");
    }
    if (rules.rules().isEmpty()) {
      throw new PgsealException(
              ProblemType.HBA_INVALID,
              "The text has no rule: PostgreSQL would refuse it, or everybody")
          .hint("Nothing was changed; send at least one rule that admits pgseal's own login");
    }
  }

  private void requireOwnLogin(ServerUnderChange change, HbaDocument rules, boolean certainly) {
    ConnectionSslMode mode = change.login().sslMode();
    boolean tls =
        mode != ConnectionSslMode.DISABLE
            && wire.tls(change.login().host(), change.login().port()) instanceof TlsAnswer.Served;
    HbaDecision decision = ownLogin(change, rules, tls);
    if (!canLogIn(decision, certainly) && tls && mode == ConnectionSslMode.PREFER) {
      decision = ownLogin(change, rules, false);
    }
    if (!canLogIn(decision, certainly)) {
      throw new PgsealException(
              ProblemType.LOCKOUT_RISK,
              "The new rules %s refuse pgseal's own login (%s, %s): %s"
                  .formatted(
                      decision instanceof HbaDecision.Undecidable ? "may" : "would",
                      change.login().username(),
                      tls ? "over TLS" : "in plaintext",
                      AdmissionForecast.explain(decision)))
          .with("decidedBy", AdmissionForecast.explain(decision))
          .hint(
              tls
                  ? "Keep a rule that admits this login, and send the text again"
                  : "TLS is not served to this login, so only rules for plaintext count; turn ssl on first");
    }
  }

  private HbaDecision ownLogin(ServerUnderChange change, HbaDocument rules, boolean tls) {
    return forecast.ownLogin(
        change.session(), rules, change.login().username(), change.login().database(), tls);
  }

  /** We hold a password and no client certificate. */
  private static boolean canLogIn(HbaDecision decision, boolean certainly) {
    return (!certainly && decision instanceof HbaDecision.Undecidable)
        || (decision instanceof HbaDecision.Decided decided
            && decided.rule().admits()
            && !decided.rule().needsClientCertificate());
  }

  /** Without ssl_ca_file every connection that such a rule decides fails (F0000). */
  private void requireRootCertificates(PostgresSession session, HbaDocument rules) {
    ServerSetting caFile = settings.read(session).get("ssl_ca_file");
    if (caFile != null && caFile.value() != null && !caFile.value().isEmpty()) {
      return;
    }
    for (HbaRule rule : rules.rules()) {
      if (rule.needsClientCertificate() && rule.admits()) {
        throw new PgsealException(
                ProblemType.LOCKOUT_RISK,
                "Line %d asks for client certificates, but ssl_ca_file is not set: every connection that it decides would fail"
                    .formatted(rule.line()))
            .with("line", rule.line())
            .hint("Set ssl_ca_file to the authorities of the client certificates first");
      }
    }
  }
}
