package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * The rule that we say decides, against real logins: several source addresses, sockets, TLS and
 * plaintext, replication, memberships.
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
  void everyLoginIsDecidedByTheRuleThatWeName(int major) throws Exception {
    PostgresServer server = prepared(major);
    var space = new RuleSpace(OracleScale.random(major));
    var trial = new RuleTrial(new RawLogin(server), HbaDialect.of(major).withoutOptionalMethods());
    try (RulesView view = new RulesView(server)) {
      for (int i = 0; i < OracleScale.of(FILES); i++) {
        trial.run(view, space, ATTEMPTS);
      }
    }
    LOG.infof("PostgreSQL %d: %s (seed %d)", major, trial, OracleScale.SEED);
    assertThat(trial.disagreements().stream().limit(5)).as("seed %d", OracleScale.SEED).isEmpty();
    assertThat(trial.undecided()).isZero();
    assertThat(trial.kinds()).contains("TLS", "PLAINTEXT", "LOCAL", "physical", "logical");
  }

  private static PostgresServer prepared(int major) throws IOException {
    PostgresServer server = SERVERS.on(major);
    if (PREPARED.add(major)) {
      server.execute(RuleSpace.ROLES);
      TlsPostgres.enable(server);
    }
    return server;
  }

  /** For generated files: "enforced" is never contradicted, and each witness gets in. */
  @PostgresMajors
  void theProofIsTrue(int major) throws Exception {
    PostgresServer server = prepared(major);
    var space = new RuleSpace(OracleScale.random(major + 50));
    HbaDialect dialect = HbaDialect.of(major).withoutOptionalMethods();
    try (RulesView view = new RulesView(server, "proof")) {
      var trial = new ProofTrial(server, view, space);
      for (int i = 0; i < OracleScale.of(PROVED_FILES); i++) {
        HbaDocument document = HbaSentinel.put(HbaDocument.parseText(space.file(6), dialect), i);
        if (i % 2 == 0) {
          document = HbaConversion.enforce(document, ConversionOptions.DEFAULT).document();
        }
        view.write("pg_hba.conf", HbaText.ofBytes(document.bytes()));
        view.reload();
        trial.run(document, OracleScale.of(1_000));
      }
      LOG.infof("PostgreSQL %d: %s (seed %d)", major, trial, OracleScale.SEED);
      assertThat(trial.wrong().stream().limit(5)).as("seed %d", OracleScale.SEED).isEmpty();
      assertThat(trial.witnesses()).isPositive();
      assertThat(trial.refused()).isPositive();
    }
  }
}
