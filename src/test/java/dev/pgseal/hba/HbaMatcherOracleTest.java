package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.hba.RawLogin.Outcome;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Set;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The rule that we say decides and the outcome it brings, against real logins: several source
 * addresses, sockets, TLS and plaintext, replication, memberships.
 */
class HbaMatcherOracleTest {

  private static final Logger LOG = Logger.getLogger(HbaMatcherOracleTest.class);
  private static final int FILES = 1_000;
  private static final int ATTEMPTS = 20;
  private static final int PROVED_FILES = 150;

  private static final Set<Integer> PREPARED = new HashSet<>();

  @RegisterExtension
  static final SharedPostgres SERVERS =
      new SharedPostgres(
          builder ->
              builder.setting("authentication_timeout", "20s").setting("max_connections", "100"));

  @PostgresMajors
  void everyLoginIsDecidedAsPredicted(int major) throws Exception {
    PostgresServer server = prepared(major);
    var login = new RawLogin(server);
    var space = new RuleSpace(OracleScale.random(major));
    var disagreements = new ArrayList<String>();
    int undecided = 0;
    int attempts = 0;
    HbaDialect dialect = HbaDialect.of(major).withoutOptionalMethods();
    try (RulesView view = new RulesView(server)) {
      for (int i = 0; i < OracleScale.of(FILES); i++) {
        String file = space.file(8);
        HbaDocument document = HbaDocument.parseText(file, dialect).requireLoadable();
        view.write("pg_hba.conf", file);
        view.reload();
        for (int j = 0; j < ATTEMPTS; j++) {
          String replication = space.replication();
          ConnectionAttempt attempt = space.attempt(replication);
          HbaDecision decision = HbaMatcher.decide(document, attempt);
          Outcome theirs = login.attempt(attempt, replication);
          attempts++;
          if (decision instanceof HbaDecision.Undecidable) {
            undecided++;
          } else if (outcome(decision) != theirs) {
            disagreements.add(
                file + attempt + " " + replication + ": " + decision + " / " + theirs);
          }
        }
      }
    }
    LOG.infof(
        "PostgreSQL %d: %d logins, %d undecidable, %d disagreements (seed %d)",
        major, attempts, undecided, disagreements.size(), OracleScale.SEED);
    assertThat(disagreements.stream().limit(5)).as("seed %d", OracleScale.SEED).isEmpty();
    assertThat(undecided).isZero();
  }

  private static PostgresServer prepared(int major) throws IOException {
    PostgresServer server = SERVERS.on(major);
    if (PREPARED.add(major)) {
      server.execute(RuleSpace.ROLES);
      TlsPostgres.enable(server);
    }
    return server;
  }

  static Outcome outcome(HbaDecision decision) {
    if (decision instanceof HbaDecision.Decided decided) {
      return switch (decided.rule().method()) {
        case "trust" -> Outcome.OK;
        case "password" -> Outcome.CLEARTEXT;
        case "scram-sha-256" -> Outcome.SASL;
        default -> Outcome.REJECTED;
      };
    }
    return Outcome.NO_ENTRY;
  }

  /** For generated files: "enforced" is never contradicted, and each witness gets in. */
  @PostgresMajors
  void theProofIsTrue(int major) throws Exception {
    PostgresServer server = prepared(major);
    var space = new RuleSpace(OracleScale.random(major + 50));
    var trial = new ProofTrial(server, space);
    HbaDialect dialect = HbaDialect.of(major).withoutOptionalMethods();
    try (RulesView view = new RulesView(server, "proof")) {
      for (int i = 0; i < OracleScale.of(PROVED_FILES); i++) {
        HbaDocument document = HbaSentinel.put(HbaDocument.parseText(space.file(6), dialect), i);
        if (i % 2 == 0) {
          document = HbaConversion.enforce(document, ConversionOptions.DEFAULT).document();
        }
        view.write("pg_hba.conf", HbaText.ofBytes(document.bytes()));
        view.reload();
        trial.run(document, OracleScale.of(1_000));
      }
    }
    LOG.infof("PostgreSQL %d: %s (seed %d)", major, trial, OracleScale.SEED);
    assertThat(trial.wrong().stream().limit(5)).as("seed %d", OracleScale.SEED).isEmpty();
    assertThat(trial.witnesses()).isPositive();
    assertThat(trial.refused()).isPositive();
  }
}
