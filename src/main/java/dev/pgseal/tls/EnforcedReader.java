package dev.pgseal.tls;

import dev.pgseal.hba.HbaDecision;
import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaText;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.server.LoginTarget;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Observes whether a server refuses plaintext: by proof over its rules, and by logins tried from
 * here. What an enforcement was asked to spare does not count; where we come from such a place
 * ourselves, our own login proves nothing, and the generation line stands in for it.
 */
@ApplicationScoped
public class EnforcedReader {

  static final String REFUSED =
      "PostgreSQL would refuse pg_hba.conf at the next reload, and not start with it: ";
  static final String STALE =
      "The file on disk refuses plaintext, the loaded rules admit it: reload, or see the log";
  static final String OTHERS_LOADED =
      "The generation line of the file on disk does not answer, so other rules are loaded: reload,"
          + " or see the log";
  private static final String NOT_TRIED =
      "pgseal comes from loopback, which is excepted: that plaintext from elsewhere is refused is"
          + " proved by the rules, it could not be tried";

  private final HbaLoader loader;
  private final PlaintextAnalysis analysis;
  private final LoginProbe logins;
  private final SentinelProbe sentinels;
  private final ExemptionStore exemptions;
  private final AdmissionForecast forecast;

  public EnforcedReader(
      HbaLoader loader,
      PlaintextAnalysis analysis,
      LoginProbe logins,
      SentinelProbe sentinels,
      ExemptionStore exemptions,
      AdmissionForecast forecast) {
    this.loader = loader;
    this.analysis = analysis;
    this.logins = logins;
    this.sentinels = sentinels;
    this.exemptions = exemptions;
    this.forecast = forecast;
  }

  /**
   * The rules as they lie there, and what our own plaintext may prove.
   *
   * @param loginExcepted an ordinary login of ours is spared by these rules
   * @param replicationExcepted the same as physical replication
   */
  record Rules(
      HbaDocument document, RulesProof proof, boolean loginExcepted, boolean replicationExcepted) {}

  /** Empty with a reason when they cannot be read, or PostgreSQL would not. */
  Optional<Rules> rules(
      ManagedServer server, LoginTarget login, PostgresSession session, List<String> reasons) {
    try {
      HbaDocument document = loader.load(session).document();
      if (document.refusal().isPresent()) {
        reasons.add(REFUSED + HbaText.toShown(document.refusal().get()));
        return Optional.empty();
      }
      RulesProof proof = analysis.prove(document, exemptions.of(server.id()));
      boolean spared =
          !proof.exceptions().isEmpty()
              && AdmissionForecast.ownAddress(session).isLoopbackAddress();
      return Optional.of(
          new Rules(
              document,
              proof,
              spared && mayCome(forecast.ownPlaintext(session, document, login, false)),
              spared && mayCome(forecast.ownPlaintext(session, document, login, true))));
    } catch (PgsealException e) {
      reasons.add("The rules cannot be read: " + e.detail());
      return Optional.empty();
    }
  }

  private static boolean mayCome(HbaDecision decision) {
    return decision.admits() || decision instanceof HbaDecision.Undecidable;
  }

  /** Tries plaintext from here and puts the face together. */
  SslState.Enforced enforced(LoginTarget login, Optional<Rules> rules, List<String> reasons) {
    SslState.Probe ordinary =
        logins.plaintext(login).excepting(rules.filter(Rules::loginExcepted).isPresent());
    SslState.Probe replication =
        logins
            .plaintextReplication(login)
            .excepting(rules.filter(Rules::replicationExcepted).isPresent());
    Optional<RulesProof> proof = rules.map(Rules::proof);
    return new SslState.Enforced(
        verdict(login, rules, ordinary, replication, reasons),
        proof.map(RulesProof::exceptions).orElse(Set.of()),
        proof.map(RulesProof::witnesses).orElse(List.of()),
        proof.map(RulesProof::excepted).orElse(List.of()),
        ordinary,
        replication);
  }

  private SslState.Enforced.Verdict verdict(
      LoginTarget login,
      Optional<Rules> rules,
      SslState.Probe ordinary,
      SslState.Probe replication,
      List<String> reasons) {
    boolean proved = rules.filter(r -> r.proof().enforced()).isPresent();
    if (ordinary.admitted() || replication.admitted()) {
      if (proved) {
        reasons.add(STALE);
      }
      return SslState.Enforced.Verdict.NOT_ENFORCED;
    }
    if (rules.isPresent() && !proved) {
      return SslState.Enforced.Verdict.NOT_ENFORCED;
    }
    if (!proved || !ordinary.refusedOrExcepted() || !replication.refusedOrExcepted()) {
      return SslState.Enforced.Verdict.UNKNOWN;
    }
    if (ordinary.refused() && replication.refused()) {
      return SslState.Enforced.Verdict.ENFORCED;
    }
    if (!sentinels.answersAs(login, rules.get().document())) {
      reasons.add(OTHERS_LOADED);
      return SslState.Enforced.Verdict.UNKNOWN;
    }
    reasons.add(NOT_TRIED);
    return SslState.Enforced.Verdict.ENFORCED;
  }
}
