package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Our verdict on every line of generated, hand-made and real files, with fields and error texts,
 * against pg_hba_file_rules, and on the whole of it against a reload.
 */
class HbaParserOracleTest {

  private static final Logger LOG = Logger.getLogger(HbaParserOracleTest.class);
  private static final int FILES = 5_000;

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  /** Distributions build with methods that other binaries lack. */
  private static HbaDialect dialect(PostgresServer server) {
    HbaDialect least = HbaDialect.of(server.major()).withoutOptionalMethods();
    String configure =
        String.valueOf(server.query("SELECT setting FROM pg_config WHERE name = 'CONFIGURE'"));
    var methods = new HashSet<>(least.methods());
    Map.of("--with-gssapi", "gss", "--with-pam", "pam", "--with-ldap", "ldap")
        .forEach(
            (option, method) -> {
              if (configure.contains(option)) {
                methods.add(method);
              }
            });
    return least.withMethods(methods).withOauthValidators(Set.of());
  }

  /**
   * Each file twice: as it is against the view, and below two lines that answer from outside
   * whether a reload has taken it. TLS is off for the first half and on for the second.
   */
  @PostgresMajors
  void everyFileIsReadAsPostgresReadsIt(int major) throws Exception {
    PostgresServer server = SERVERS.on(major);
    HbaDialect dialect = dialect(server);
    var trial = new FileTrial(server);
    try (RulesView view = new RulesView(server)) {
      view.write(HbaCorpus.FILES);
      List<String> handMade = HbaCorpus.lines(major);
      List<String> real = HbaRealFiles.on(server);
      var generator = new HbaGenerator(OracleScale.random(major), real);
      int half = OracleScale.of(FILES) / 2;
      for (int round = 0; round < 2; round++) {
        boolean tls = round == 1;
        if (tls) {
          view.write("pg_hba.conf", PostgresServer.DEFAULT_HBA);
          view.reload();
          TlsPostgres.enable(server);
          view.awaitSetting("ssl", "on");
        }
        for (String line : handMade) {
          trial.judge(view, dialect.withSsl(tls), line + "\n");
          if (OracleScale.full() || trial.files() % 10 == 0) {
            trial.reload(view, dialect.withSsl(tls), line + "\n");
          }
        }
        for (String file : real) {
          trial.run(view, dialect.withSsl(tls), file);
        }
        for (int i = 0; i < half; i++) {
          trial.run(view, dialect.withSsl(tls), generator.file());
        }
      }
    }
    LOG.infof("PostgreSQL %d: %s (seed %d)", major, trial, OracleScale.SEED);
    assertThat(trial.disagreements().stream().limit(6)).as("seed %d", OracleScale.SEED).isEmpty();
    assertThat(trial.taken()).isBetween(trial.files() / 20, trial.files() - trial.files() / 20);
  }
}
