package dev.pgseal.hba;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.hba.ConversionOptions.Loopback;
import dev.pgseal.hba.RawLogin.Outcome;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.io.IOException;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What conversions promise, by real logins before and after each: TLS and sockets are judged as
 * before, plaintext is refused, and what is spared is judged as before. Clients come from several
 * addresses of loopback, and from one outside it where this machine has one.
 */
class ConversionOracleTest {

  private static final Logger LOG = Logger.getLogger(ConversionOracleTest.class);
  private static final int FILES = 100;
  private static final int ATTEMPTS = 12;

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  @ParameterizedTest
  @ValueSource(ints = {PostgresMajors.OLDEST, PostgresMajors.LATEST})
  void realLoginsAreJudgedAsEachCombinationPromises(int major) throws Exception {
    PostgresServer server = SERVERS.on(major);
    server.execute(RuleSpace.ROLES);
    TlsPostgres.enable(server);
    var space = new RuleSpace(OracleScale.random(major + 70));
    HbaDialect dialect = HbaDialect.of(major).withoutOptionalMethods();
    try (RulesView view = new RulesView(server)) {
      var trial = new Trial(server, view);
      for (int i = 0; i < OracleScale.of(FILES); i++) {
        HbaDocument before = HbaDocument.parseText("local x x reject\n" + space.file(8), dialect);
        List<Tried> tried = trial.before(before, space);
        for (ConversionOptions options : HbaConversionPropertyTest.combinations()) {
          HbaConversion.Result there = HbaConversion.enforce(before, options);
          trial.after(before, there.document(), options, tried);
          assertThat(HbaConversion.takeBack(there.document(), there.edits()).document().bytes())
              .isEqualTo(before.bytes());
        }
      }
      LOG.infof("PostgreSQL %d: %s (seed %d)", major, trial, OracleScale.SEED);
      assertThat(trial.broken.stream().limit(3)).as("seed %d", OracleScale.SEED).isEmpty();
      assertThat(trial.spared).isPositive();
      assertThat(trial.shutOut).isPositive();
    }
  }

  private record Tried(ConnectionAttempt attempt, String replication, String was) {}

  /** Logins before and after. */
  private static final class Trial {
    private final RulesView view;
    private final RawLogin login;
    private final Optional<InetAddress> outside = outside();
    private final List<String> broken = new ArrayList<>();
    private int logins;
    private int shutOut;
    private int spared;

    Trial(PostgresServer server, RulesView view) throws SocketException {
      this.view = view;
      this.login = new RawLogin(server);
    }

    List<Tried> before(HbaDocument rules, RuleSpace space) throws Exception {
      load(rules);
      var tried = new ArrayList<Tried>();
      for (int j = 0; j < ATTEMPTS; j++) {
        String replication = space.replication();
        ConnectionAttempt attempt = space.attempt(replication);
        if (j % 4 == 0 && attempt.client() != null && outside.isPresent()) {
          attempt = from(outside.get(), attempt);
        }
        tried.add(new Tried(attempt, replication, outcome(attempt, replication)));
      }
      return tried;
    }

    void after(HbaDocument before, HbaDocument rules, ConversionOptions options, List<Tried> tried)
        throws Exception {
      load(rules);
      for (Tried each : tried) {
        String is = outcome(each.attempt(), each.replication());
        boolean plaintext = each.attempt().transport() == Transport.PLAINTEXT;
        boolean kept =
            !plaintext
                || (options.loopback() == Loopback.KEEP
                    && each.attempt().client().isLoopbackAddress());
        String promised = kept ? each.was() : "refused";
        if (!is.equals(promised)) {
          broken.add(
              options + "\n" + Hba.text(before) + "became\n" + Hba.text(rules) + each + ": " + is);
        }
        boolean admitted = !each.was().equals("refused");
        shutOut += plaintext && !kept && admitted ? 1 : 0;
        spared += plaintext && kept && admitted ? 1 : 0;
      }
    }

    private void load(HbaDocument rules) throws Exception {
      view.write("pg_hba.conf", HbaText.ofBytes(rules.bytes()));
      view.reload();
    }

    private String outcome(ConnectionAttempt attempt, String replication) throws IOException {
      logins++;
      Outcome outcome = login.attempt(attempt, replication);
      return outcome == Outcome.REJECTED || outcome == Outcome.NO_ENTRY
          ? "refused"
          : outcome.name();
    }

    private static ConnectionAttempt from(InetAddress client, ConnectionAttempt attempt) {
      return new ConnectionAttempt(
          client,
          attempt.transport(),
          attempt.database(),
          attempt.user(),
          attempt.physicalReplication(),
          attempt.memberOf(),
          attempt.interfaces(),
          null);
    }

    private static Optional<InetAddress> outside() throws SocketException {
      return Collections.list(NetworkInterface.getNetworkInterfaces()).stream()
          .flatMap(each -> Collections.list(each.getInetAddresses()).stream())
          .filter(each -> !each.isLoopbackAddress() && each.getAddress().length == 4)
          .findFirst();
    }

    @Override
    public String toString() {
      return logins
          + " logins, "
          + shutOut
          + " plaintext ones shut out, "
          + spared
          + " spared, from outside loopback: "
          + outside.isPresent()
          + ", "
          + broken.size()
          + " promises broken";
    }
  }
}
