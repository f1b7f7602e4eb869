package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaSentinel;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Each proof of a rule change by itself: what no other check would catch. */
class RulesProofTest {

  private static final String CLOSED = PostgresServer.DEFAULT_HBA + "host all all all reject\n";
  private static final ConversionOptions KEEP_LOOPBACK =
      ConversionOptions.DEFAULT.withLoopback(ConversionOptions.Loopback.KEEP);

  private final TlsFixture tls = new TlsFixture();

  @AfterEach
  void close() {
    tls.close();
  }

  @PostgresMajors
  void aFileThatLiesOnDiskAndWasNotLoadedIsNotTakenForLoaded(int major) {
    for (String rules : new String[] {PostgresServer.DEFAULT_HBA, CLOSED}) {
      try (PostgresServer postgres = PostgresServer.builder(major).hba(rules).start()) {
        ManagedServer server = tls.register("orders", postgres);
        tls.change(
            server,
            change -> {
              SentinelProbe.Expectation expectation = new SentinelProbe(tls.wire).expect(change, 7);
              postgres.writeHba(withSentinel(rules, major, expectation.method()));

              PgsealException problem =
                  catchThrowableOfType(PgsealException.class, expectation::requireLoaded);

              assertThat(problem.type()).isEqualTo(ProblemType.HBA_NOT_TAKEN);
              postgres.reload();
              expectation.requireLoaded();
              return null;
            });
      }
    }
  }

  @Test
  void rulesThatStillAdmitAPlaintextLoginComeBackWhenItMustBeRefused() {
    requireTakenBack(PostgresServer.DEFAULT_HBA + "host app app 10.0.0.0/8 md5\n", "login");
  }

  @Test
  void rulesThatStillAdmitPlaintextReplicationComeBackWhenItMustBeRefused() {
    requireTakenBack(
        "hostssl all all all scram-sha-256\nhost replication all all scram-sha-256\n",
        "replication");
  }

  private void requireTakenBack(String rules, String notRefused) {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      ManagedServer server = tls.register("orders", postgres);
      tls.serveTls(server);
      String before = postgres.hba();

      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class, () -> tls.change(server, c -> apply(c, rules)));

      assertThat(problem.type()).isEqualTo(ProblemType.HBA_NOT_TAKEN);
      assertThat(problem.detail()).contains("Not refused").contains(notRefused);
      assertThat(postgres.hba()).isEqualTo(before);
    }
  }

  private RulesChange.Applied apply(ServerUnderChange change, String rules) {
    HbaLoader.Loaded present = tls.loader.load(change.session());
    return tls.rules.apply(
        change,
        tls.rules.prepare(
            change,
            tls.loader.withContent(
                change.session(), present, rules.getBytes(StandardCharsets.UTF_8)),
            present.tag(),
            RulesChange.Requirement.PLAINTEXT_REFUSED,
            false),
        HbaNote.changed("ann", "test"),
        ConfirmOrRevert.DEFAULT);
  }

  @Test
  void aConversionToTlsOnlyIsNotBegunWhileNoTlsIsServedThoughLoopbackWouldStayOpen() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      assertThat(refusedConversion(postgres, tls.register("orders", postgres)))
          .isEqualTo(ProblemType.LOCKOUT_RISK);
    }
  }

  @Test
  void aConversionThatWouldLeaveADoorOpenIsNotBegun() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      ManagedServer server = tls.register("orders", postgres);
      tls.serveTls(server);
      String before = postgres.hba();
      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class,
              () -> tls.change(server, c -> tls.conversion.prepare(c, open(c))));
      assertThat(postgres.hba()).isEqualTo(before);
      assertThat(problem.type()).isEqualTo(ProblemType.HBA_NOT_EDITABLE);
      assertThat(problem.members()).containsKey("stillAdmitting");
    }
  }

  /** A plan that keeps loopback, proved as if nothing was to be spared. */
  private RulesConversion.Plan open(ServerUnderChange change) {
    RulesConversion.Plan plan = tls.conversion.planEnforce(change.session(), KEEP_LOOPBACK);
    return new RulesConversion.Plan(
        plan.direction(),
        plan.options(),
        plan.rules(),
        plan.tag(),
        plan.diff(),
        plan.edits(),
        plan.remarks(),
        plan.conflicts(),
        plan.effect(),
        tls.analysis.prove(plan.rules(), Set.of()));
  }

  private ProblemType refusedConversion(PostgresServer postgres, ManagedServer server) {
    String before = postgres.hba();
    PgsealException problem =
        catchThrowableOfType(
            PgsealException.class,
            () ->
                tls.conversions.convert(
                    server, RulesConversion.Direction.ENFORCE, KEEP_LOOPBACK, "ann"));
    assertThat(postgres.hba()).isEqualTo(before);
    return problem.type();
  }

  private static String withSentinel(String rules, int major, String method) {
    HbaDocument document = HbaDocument.parse(rules.getBytes(StandardCharsets.UTF_8), major);
    return new String(HbaSentinel.put(document, 7, method).bytes(), StandardCharsets.UTF_8);
  }
}
