package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.hba.ConversionOptions.Gss;
import dev.pgseal.hba.ConversionOptions.Hostnossl;
import dev.pgseal.hba.ConversionOptions.Loopback;
import dev.pgseal.hba.ConversionOptions.Strategy;
import dev.pgseal.postgres.LoginAnswer;
import dev.pgseal.postgres.LoginAttempt;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Each way to convert, on real servers: what it lets in, what it says, and the way back. */
class ConversionOptionsTest {

  private static final String RULES =
      """
      # TYPE  DATABASE        USER            ADDRESS                 METHOD
      local   all             all                                     scram-sha-256
      # applications
      hostnossl old           old             10.0.0.0/8              md5
      host    all             shut            all                     reject
      host    all             all             all                     scram-sha-256 # everybody
      hostnossl all           older           127.0.0.1/32            md5
      host    replication     all             all                     scram-sha-256
      """;

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private final TlsFixture tls = new TlsFixture();

  @AfterEach
  void close() {
    tls.close();
  }

  static Stream<Arguments> combinations() {
    List<Arguments> all = new ArrayList<>();
    for (int major : new int[] {PostgresMajors.OLDEST, PostgresMajors.LATEST}) {
      for (Gss gss : Gss.values()) {
        for (Loopback loopback : Loopback.values()) {
          for (Hostnossl hostnossl : Hostnossl.values()) {
            all.add(
                Arguments.of(
                    major, new ConversionOptions(gss, loopback, Strategy.REWRITE, hostnossl)));
          }
          all.add(
              Arguments.of(
                  major, new ConversionOptions(gss, loopback, Strategy.GUARD, Hostnossl.REMOVE)));
        }
      }
    }
    return all.stream();
  }

  @ParameterizedTest
  @MethodSource("combinations")
  void everyCombinationDoesWhatItSaysAndGoesBackToTheBytesItBeganWith(
      int major, ConversionOptions options) throws SQLException {
    PostgresServer postgres = fresh(major, RULES);
    ManagedServer server = tls.register("orders", postgres);
    tls.serveTls(server);
    boolean spared = options.loopback() == Loopback.KEEP;
    try (Connection plaintext =
        postgres.connect(PostgresServer.SUPERUSER, PostgresServer.PASSWORD, "disable")) {
      assertThat(plaintext.isValid(5)).isTrue();

      RulesConversion.Plan plan = tls.enforce(server, options);

      assertThat(plan.proof().verdict()).isEqualTo(RulesProof.Verdict.ENFORCED);
      assertThat(plan.proof().exceptions())
          .isEqualTo(spared ? Set.of(Exemption.LOOPBACK) : Set.of());
      assertThat(plan.proof().physicalReplication())
          .isEqualTo(spared ? RulesProof.Plaintext.EXCEPTED : RulesProof.Plaintext.REFUSED);
      assertThat(plan.effect().sessions()).isEqualTo(1);
      assertThat(plan.effect().refused()).hasSize(spared ? 0 : 1);
      assertThat(plan.effect().refused())
          .allSatisfy(
              refusal -> {
                assertThat(refusal.decidedBefore()).contains("# everybody");
                assertThat(refusal.certain()).isTrue();
                assertThat(refusal.admittedOverTls()).isTrue();
              });
    }
    loginsAreJudgedAsAsked(postgres, spared);
    SslState state = tls.state("orders");
    assertThat(state.mode()).as(state.toString()).isEqualTo(SslState.Mode.ENFORCED);
    assertThat(state.enforced().exceptions())
        .isEqualTo(spared ? Set.of(Exemption.LOOPBACK) : Set.of());
    assertThat(state.enforced().plaintextLogin().outcome())
        .isEqualTo(spared ? SslState.Probe.Outcome.EXCEPTED : SslState.Probe.Outcome.REFUSED);
    assertThat(state.reasons().toString().contains("could not be tried")).isEqualTo(spared);

    RulesConversion.Plan back = tls.relax(server);

    assertThat(back.conflicts()).isEmpty();
    assertThat(postgres.hba()).isEqualTo(RULES);
    assertThat(tls.state("orders").mode()).isEqualTo(SslState.Mode.OFFERED);
    assertThat(tls.state("orders").enforced().exceptions()).isEmpty();
  }

  /** From 127.0.0.1, which is where this test comes from. */
  private void loginsAreJudgedAsAsked(PostgresServer postgres, boolean spared) {
    for (String user : List.of("postgres", "older", "nobody")) {
      LoginAttempt plaintext = LoginAttempt.plaintext(user, "postgres");
      assertThat(admitted(postgres, plaintext)).as("plaintext " + user).isEqualTo(spared);
      assertThat(admitted(postgres, plaintext.asPhysicalReplication()))
          .as("plaintext replication " + user)
          .isEqualTo(spared);
      LoginAttempt encrypted = LoginAttempt.tls(user, "postgres");
      assertThat(admitted(postgres, encrypted)).as("TLS " + user).isTrue();
      assertThat(admitted(postgres, encrypted.asPhysicalReplication())).isTrue();
    }
    assertThat(admitted(postgres, LoginAttempt.plaintext("shut", "postgres"))).isFalse();
    assertThat(admitted(postgres, LoginAttempt.tls("shut", "postgres"))).isFalse();
  }

  private boolean admitted(PostgresServer postgres, LoginAttempt attempt) {
    return tls.wire.login(postgres.host(), postgres.port(), attempt)
        instanceof LoginAnswer.Admitted;
  }

  static Stream<ConversionOptions> withGssKept() {
    return combinations()
        .filter(each -> each.get()[0].equals(PostgresMajors.LATEST))
        .map(each -> (ConversionOptions) each.get()[1])
        .filter(options -> options.gss() == Gss.KEEP);
  }

  @ParameterizedTest
  @MethodSource("withGssKept")
  void aLineEditedByHandKeepsItsTextAndTheOthersComeBack(ConversionOptions options) {
    PostgresServer postgres = fresh(PostgresMajors.LATEST, RULES);
    ManagedServer server = tls.register("orders", postgres);
    tls.serveTls(server);
    List<String> changed =
        tls.enforce(server, options).edits().stream().map(edit -> edit.after()).toList();
    // the last line that was written anew; and a line above, which moves all others
    String last = changed.get(changed.size() - 1).lines().reduce((a, b) -> b).orElseThrow();
    postgres.writeHba(
        postgres.hba().replace(last, last + " # mine") + "host extra extra 10.1.0.0/16 reject\n");
    postgres.reload();

    RulesConversion.Plan back = tls.relax(server);

    assertThat(back.conflicts()).hasSize(1);
    assertThat(back.conflicts().get(0).became()).endsWith(last);
    assertThat(postgres.hba()).contains(last + " # mine").contains("host extra extra");
    assertThat(postgres.hba().lines().filter(RULES.lines().toList()::contains).count())
        .isGreaterThanOrEqualTo(RULES.lines().count() - 1);
  }

  @Test
  void rulesThatKeepLoopbackAndChangeNothingAreStillAConversionAndOpenNothingOnTheWayBack() {
    String rules = "host all all 127.0.0.1/32 scram-sha-256\nhostssl all all all scram-sha-256\n";
    PostgresServer postgres = fresh(PostgresMajors.LATEST, rules);
    ManagedServer server = tls.register("orders", postgres);
    tls.serveTls(server);

    tls.enforce(server, ConversionOptions.DEFAULT.withLoopback(Loopback.KEEP));
    assertThat(tls.state("orders").mode()).isEqualTo(SslState.Mode.ENFORCED);
    tls.relax(server);

    assertThat(postgres.hba()).isEqualTo(rules);
    assertThat(tls.state("orders").mode()).isEqualTo(SslState.Mode.OFFERED);
  }

  @Test
  void aHoleBesideTheExceptionIsNoException() {
    PostgresServer postgres = fresh(PostgresMajors.LATEST, RULES);
    ManagedServer server = tls.register("orders", postgres);
    tls.serveTls(server);
    tls.enforce(server, ConversionOptions.DEFAULT.withLoopback(Loopback.KEEP));
    String enforced = postgres.hba();
    postgres.writeHba(enforced + "host app app 10.0.0.0/8 scram-sha-256\n");

    SslState state = tls.state("orders");

    assertThat(state.mode()).isEqualTo(SslState.Mode.OFFERED);
    assertThat(state.enforced().admittedBy()).hasSize(1);
    assertThat(state.enforced().admittedBy().get(0).rule()).startsWith("host app app");
    assertThat(state.enforced().exceptedRules()).isNotEmpty();
  }

  @Test
  void otherRulesThanThoseOnDiskAreNotTakenForEnforcedThoughOurOwnLoginProvesNothing() {
    PostgresServer postgres = fresh(PostgresMajors.LATEST, RULES);
    ManagedServer server = tls.register("orders", postgres);
    tls.serveTls(server);
    tls.enforce(server, ConversionOptions.DEFAULT.withLoopback(Loopback.KEEP));
    String enforced = postgres.hba();
    postgres.writeHba(RULES);
    postgres.reload();
    postgres.writeHba(enforced);

    SslState state = tls.state("orders");

    assertThat(state.mode()).isEqualTo(SslState.Mode.BROKEN);
    assertThat(state.reasons()).anySatisfy(r -> assertThat(r).contains("other rules are loaded"));
  }

  @Test
  void sessionsFromLoopbackStayWhenTheyAreSparedAndTheRulesAdmitThem() throws SQLException {
    PostgresServer postgres = fresh(PostgresMajors.LATEST, RULES);
    postgres.execute("DROP ROLE IF EXISTS gone", "CREATE ROLE gone LOGIN PASSWORD 'gone'");
    ManagedServer server = tls.register("orders", postgres);
    tls.serveTls(server);
    try (Connection kept = client(postgres, PostgresServer.SUPERUSER, PostgresServer.PASSWORD);
        Connection refused = client(postgres, "gone", "gone")) {
      tls.enforce(server, ConversionOptions.DEFAULT.withLoopback(Loopback.KEEP));
      postgres.writeHba("host all gone all reject\n" + postgres.hba());

      tls.change(
          server,
          change ->
              tls.drain.end(
                  change.session(),
                  tls.refused.of(server, change.session()),
                  java.time.Duration.ZERO));

      assertThat(kept.isValid(5)).isTrue();
      assertThat(refused.isValid(5)).isFalse();
    }
  }

  private static Connection client(PostgresServer postgres, String user, String password)
      throws SQLException {
    return postgres.connect(
        user, Map.of("password", password, "sslmode", "disable", "ApplicationName", user));
  }

  private static PostgresServer fresh(int major, String rules) {
    PostgresServer postgres = SERVERS.on(major);
    postgres.writeHba(rules);
    postgres.execute("ALTER SYSTEM RESET ALL", "SELECT pg_reload_conf()");
    return postgres;
  }
}
