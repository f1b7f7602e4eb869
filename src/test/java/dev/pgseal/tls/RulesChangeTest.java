package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.hba.HbaRule;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class RulesChangeTest {

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private static final HbaNote NOTE = HbaNote.changed("ann", "test");

  private final TlsFixture tls = new TlsFixture();

  @AfterEach
  void close() {
    tls.close();
  }

  @PostgresMajors
  void textThatPostgresWouldRefuseNeverLiesOnDisk(int major) {
    PostgresServer postgres = fresh(major);
    ManagedServer server = tls.register("orders", postgres);
    byte[] before = bytes(postgres);

    PgsealException problem =
        refused(() -> replace(server, PostgresServer.DEFAULT_HBA + "host all all all scrma\n"));

    assertThat(problem.type()).isEqualTo(ProblemType.HBA_INVALID);
    assertThat(problem.detail()).contains("line 7");
    assertThat(bytes(postgres)).isEqualTo(before);
  }

  /** The engine holds bsd for valid; only builds for OpenBSD have it. */
  @PostgresMajors
  void textThatOnlyPostgresKnowsToRefuseNeverLiesOnDisk(int major) {
    PostgresServer postgres = fresh(major);
    ManagedServer server = tls.register("orders", postgres);
    byte[] before = bytes(postgres);

    PgsealException problem =
        refused(() -> replace(server, PostgresServer.DEFAULT_HBA + "host all app all bsd\n"));

    assertThat(problem.type()).isEqualTo(ProblemType.HBA_INVALID);
    assertThat(problem.members().get("reason").toString()).contains("bsd");
    assertThat(bytes(postgres)).isEqualTo(before);
    assertThat(postgres.query("SELECT count(*) FROM pg_hba_file_rules WHERE type IS NULL"))
        .isEqualTo("0");
  }

  @Test
  void rulesThatRefusePgsealItselfAreNotWritten() {
    PostgresServer postgres = fresh(PostgresServer.latestMajor());
    ManagedServer server = tls.register("orders", postgres);
    byte[] before = bytes(postgres);

    for (String text :
        List.of(
            "host all all 10.0.0.0/8 scram-sha-256\n",
            "host all postgres all reject\n" + PostgresServer.DEFAULT_HBA,
            "host app all all scram-sha-256\nhost replication all all scram-sha-256\n")) {
      PgsealException problem = refused(() -> replace(server, text));

      assertThat(problem.type()).as(text).isEqualTo(ProblemType.LOCKOUT_RISK);
      assertThat(problem.members()).containsKey("decidedBy");
    }
    assertThat(bytes(postgres)).isEqualTo(before);
  }

  @Test
  void aFileThatChangedSinceItWasReadIsLeftAlone() {
    PostgresServer postgres = fresh(PostgresServer.latestMajor());
    ManagedServer server = tls.register("orders", postgres);
    String read = tls.hbaRules.read(server).tag();
    String theirs = PostgresServer.DEFAULT_HBA + "# somebody was here\n";
    postgres.writeHba(theirs);

    PgsealException problem =
        refused(
            () ->
                tls.hbaRules.insert(
                    server, "host app app all scram-sha-256", null, null, read, "ann"));

    assertThat(problem.type()).isEqualTo(ProblemType.PRECONDITION_FAILED);
    assertThat(postgres.hba()).isEqualTo(theirs);
  }

  @Test
  void aFileThatChangesBetweenPlanAndWriteIsLeftAlone() {
    PostgresServer postgres = fresh(PostgresServer.latestMajor());
    ManagedServer server = tls.register("orders", postgres);
    String theirs = PostgresServer.DEFAULT_HBA + "# somebody was here\n";

    PgsealException problem =
        refused(
            () ->
                tls.change(
                    server,
                    change -> {
                      RulesChange.Prepared prepared = prepared(change, "# ours\n");
                      postgres.writeHba(theirs);
                      return tls.rules.apply(change, prepared, NOTE, ConfirmOrRevert.DEFAULT);
                    }));

    assertThat(problem.type()).isEqualTo(ProblemType.PRECONDITION_FAILED);
    assertThat(postgres.hba()).isEqualTo(theirs);
  }

  @PostgresMajors
  void theGenerationIsToldApartThoughAClosingRuleRejectsEverybody(int major) {
    PostgresServer postgres = fresh(major);
    ManagedServer server = tls.register("orders", postgres);
    replace(server, PostgresServer.DEFAULT_HBA + "host all all all reject\n");

    RulesChange.Applied second = insertAtTop(server, "host app app 10.0.0.0/8 scram-sha-256");
    RulesChange.Applied third = insertAtTop(server, "host app2 app 10.0.0.0/8 scram-sha-256");
    assertThat(postgres.hba()).containsOnlyOnce("pgseal_probe").contains("pgseal_gen_3 ");
    RulesChange.Applied open = replace(server, PostgresServer.DEFAULT_HBA);

    assertThat(List.of(second.generation(), third.generation(), open.generation()))
        .containsExactly(2L, 3L, 4L);
    assertThat(postgres.hba()).contains("# TYPE").contains("pgseal_gen_4 ");
  }

  /** CRLF, comments, continuation lines, odd blanks, and a byte that is no UTF-8. */
  private static final String UNTIDY =
      "# zutritt f\u00fcr alle\r\n"
          + "\r\n"
          + "host\tall  all   127.0.0.1/32 \\\r\n  scram-sha-256   # our own\r\n"
          + "host all all 127.0.0.0 255.0.0.0 \"scram-sha-256\"\r\n"
          + "   host replication all 127.0.0.1/32 scram-sha-256\r\n"
          + "host all,\"all\" all ::1/128 scram-sha-256\r\n"
          + "# the end, without a line end";

  @PostgresMajors
  void everyByteThatNeedNotChangeStaysAsItsOwnerWroteIt(int major) {
    try (PostgresServer postgres = PostgresServer.start(major)) {
      byte[] untidy = UNTIDY.getBytes(StandardCharsets.ISO_8859_1);
      write(postgres, untidy);
      postgres.reload();
      ManagedServer server = tls.register("orders", postgres);
      tls.serveTls(server);

      tls.enforce(server);

      String enforced = latin1(postgres);
      assertThat(enforced)
          .contains("# zutritt f\u00fcr alle\r\n\r\n")
          .contains("hostssl\tall  all   127.0.0.1/32 \\\r\n  scram-sha-256   # our own\r\n")
          .contains("hostssl all all 127.0.0.0 255.0.0.0 \"scram-sha-256\"\r\n")
          .contains("   hostssl replication all 127.0.0.1/32 scram-sha-256\r\n")
          .endsWith("# the end, without a line end");
      assertThat(enforced.replace("\r\n", "")).doesNotContain("\n").doesNotContain("\r");

      tls.relax(server);
      assertThat(bytes(postgres)).isEqualTo(untidy);
    }
  }

  @Test
  void anInsertedAndRemovedRuleLeavesOnlyTheSentinelBehind() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      byte[] untidy = UNTIDY.getBytes(StandardCharsets.ISO_8859_1);
      write(postgres, untidy);
      postgres.reload();
      ManagedServer server = tls.register("orders", postgres);

      insertAtTop(server, "host app app 10.0.0.0/8 scram-sha-256");
      HbaRule ours =
          tls.hbaRules.read(server).document().rules().stream()
              .filter(rule -> rule.text().contains("10.0.0.0/8"))
              .findFirst()
              .orElseThrow();
      tls.hbaRules.remove(server, ours.id(), sha256(server), "ann");

      String left = latin1(postgres).replaceFirst("(?m)^host pgseal_gen_.*\r\n", "");
      assertThat(left).isEqualTo(UNTIDY);
      tls.change(server, tls.rules::removeSentinel);
      assertThat(bytes(postgres)).isEqualTo(untidy);
    }
  }

  @Test
  void aListOfNamesInAnotherFileIsReadAndItsRuleConverted() {
    try (PostgresServer postgres = PostgresServer.start(PostgresMajors.OLDEST)) {
      write(postgres, "admins", "postgres, \"replicator\"\n");
      String rules =
          "host all @admins 127.0.0.1/32 scram-sha-256\n"
              + "host replication @admins 127.0.0.1/32 scram-sha-256\n";
      postgres.writeHba(rules);
      postgres.reload();
      ManagedServer server = tls.register("orders", postgres);
      tls.serveTls(server);

      tls.enforce(server);

      assertThat(postgres.hba()).contains("hostssl all @admins 127.0.0.1/32 scram-sha-256\n");
      assertThat(tls.state("orders").mode()).isEqualTo(SslState.Mode.ENFORCED);
      tls.relax(server);
      assertThat(postgres.hba()).isEqualTo(rules);
    }
  }

  @Test
  void anIncludedFileThatAdmitsTlsOnlyDoesNotStandInTheWay() {
    try (PostgresServer postgres = PostgresServer.start(PostgresMajors.LATEST)) {
      write(postgres, "apps.conf", "hostssl app app 10.0.0.0/8 scram-sha-256\n");
      String rules = "include apps.conf\n" + PostgresServer.DEFAULT_HBA;
      postgres.writeHba(rules);
      postgres.reload();
      ManagedServer server = tls.register("orders", postgres);
      tls.serveTls(server);

      tls.enforce(server);
      assertThat(tls.state("orders").mode()).isEqualTo(SslState.Mode.ENFORCED);

      tls.relax(server);
      assertThat(postgres.hba()).isEqualTo(rules);
      assertThat(read(postgres, "apps.conf"))
          .isEqualTo("hostssl app app 10.0.0.0/8 scram-sha-256\n");
    }
  }

  @Test
  void oneRejectingLineCoversIncludedFilesAsWell() {
    try (PostgresServer postgres = PostgresServer.start(PostgresMajors.LATEST)) {
      write(postgres, "apps.conf", "host app app 10.0.0.0/8 scram-sha-256\n");
      String rules = PostgresServer.DEFAULT_HBA + "include apps.conf\n";
      postgres.writeHba(rules);
      postgres.reload();
      ManagedServer server = tls.register("orders", postgres);
      tls.serveTls(server);

      tls.conversions.convert(
          server,
          RulesConversion.Direction.ENFORCE,
          ConversionOptions.DEFAULT.withStrategy(ConversionOptions.Strategy.GUARD),
          "ann");
      assertThat(tls.state("orders").mode()).isEqualTo(SslState.Mode.ENFORCED);

      tls.relax(server);
      assertThat(postgres.hba()).isEqualTo(rules);
      assertThat(tls.state("orders").mode()).isEqualTo(SslState.Mode.OFFERED);
    }
  }

  /** Whether 127.0.0.1 is called so only DNS knows, so the plan cannot tell; the login can. */
  private static final String UNDECIDABLE =
      "host all all pgseal.invalid scram-sha-256\nhost all all all reject\n";

  @PostgresMajors
  void rulesThatRefuseUsAfterAllComeBackAtOnce(int major) {
    PostgresServer postgres = fresh(major);
    ManagedServer server = tls.register("orders", postgres);
    byte[] before = bytes(postgres);

    PgsealException problem = refused(() -> replace(server, UNDECIDABLE));

    assertThat(problem.type()).isEqualTo(ProblemType.HBA_NOT_TAKEN);
    assertThat(problem.members()).containsEntry("undone", true);
    assertThat(bytes(postgres)).isEqualTo(before);
    assertThat(postgres.query("SELECT 1")).isEqualTo("1");
  }

  @Test
  void rulesComeBackThoughTheLoginFailsForAReasonOfItsOwn() throws SQLException {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      ManagedServer server = tls.register("orders", postgres);
      byte[] before = bytes(postgres);

      PgsealException problem =
          refused(
              () ->
                  tls.change(
                      server,
                      change -> {
                        RulesChange.Prepared prepared = prepared(change, "# ours\n");
                        change.session().execute("ALTER ROLE postgres PASSWORD 'another'");
                        return tls.rules.apply(change, prepared, NOTE, ConfirmOrRevert.DEFAULT);
                      }));

      assertThat(problem.type()).isEqualTo(ProblemType.HBA_NOT_TAKEN);
      assertThat(problem.detail()).contains("password");
      assertThat(bytes(postgres)).isEqualTo(before);
      try (Connection login = postgres.connect("postgres", "another", "prefer");
          var statement = login.createStatement();
          var rows =
              statement.executeQuery("SELECT count(*) FROM pg_hba_file_rules WHERE error > ''")) {
        rows.next();
        assertThat(rows.getInt(1)).isZero();
      }
    }
  }

  @Test
  void linesEditedByHandInBetweenKeepTheHandsText() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      ManagedServer server = tls.register("orders", postgres);
      tls.serveTls(server);
      tls.enforce(server);
      String byHand = "hostssl    all             app             ::1/128                 md5";
      String enforced = postgres.hba();
      String edited =
          enforced
                  .replaceFirst("hostssl +all +all +::1/128.*", byHand)
                  .replace("# TYPE", "# ours\n# TYPE")
              + "hostssl app app 10.0.0.0/8 scram-sha-256\n";
      assertThat(edited).contains(byHand);
      postgres.writeHba(edited);
      postgres.reload();

      RulesConversion.Plan plan = tls.relax(server);

      assertThat(plan.conflicts()).anySatisfy(c -> assertThat(c.reason()).contains("by hand"));
      assertThat(postgres.hba())
          .isEqualTo(
              "# ours\n"
                  + PostgresServer.DEFAULT_HBA.replaceFirst("host +all +all +::1/128.*", byHand)
                  + "hostssl app app 10.0.0.0/8 scram-sha-256\n");
    }
  }

  @PostgresMajors
  void aWholeNewFileMendsOneThatPostgresRefuses(int major) {
    try (PostgresServer postgres = PostgresServer.start(major)) {
      ManagedServer server = tls.register("orders", postgres);
      postgres.writeHba("this is no record\n");

      assertThat(refused(() -> insertAtTop(server, "host app app all scram-sha-256")).type())
          .isIn(ProblemType.HBA_INVALID, ProblemType.FOREIGN_CONFIGURATION_ERROR);
      replace(server, PostgresServer.DEFAULT_HBA);

      assertThat(postgres.query("SELECT count(*) FROM pg_hba_file_rules WHERE type IS NULL"))
          .isEqualTo("0");
      postgres.restart();
    }
  }

  /** The refused file cannot be put back: the rules that are loaded exist nowhere any more. */
  @Test
  void aFileThatPostgresRefusesIsNotReplacedByRulesThatMayRefuseUs() {
    try (PostgresServer postgres = PostgresServer.latest().start()) {
      ManagedServer server = tls.register("orders", postgres);
      postgres.writeHba("this is no record\n");

      PgsealException problem = refused(() -> replace(server, UNDECIDABLE));

      assertThat(problem.type()).isEqualTo(ProblemType.LOCKOUT_RISK);
      assertThat(postgres.hba()).isEqualTo("this is no record\n");
      assertThat(postgres.query("SELECT 1")).isEqualTo("1");
    }
  }

  @Test
  void theFileOfAnotherGenerationIsPutBackWholeWithItsSentinel() {
    PostgresServer postgres = fresh(PostgresServer.latestMajor());
    ManagedServer server = tls.register("orders", postgres);
    insertAtTop(server, "host app app 10.0.0.0/8 scram-sha-256");
    byte[] first = bytes(postgres);

    tls.change(
        server,
        change -> {
          RulesChange.Prepared prepared = prepared(change, "# ours\n");
          RulesUndo.Recorded undo = tls.undo.of(change, prepared);
          tls.rules.apply(change, prepared, NOTE, ConfirmOrRevert.DEFAULT);
          tls.undo.run(change, undo);
          tls.undo.run(change, undo);
          return undo;
        });

    assertThat(bytes(postgres)).isEqualTo(first);
  }

  @Test
  void aFileThatSomebodyChangedSinceIsNotPutBack() {
    PostgresServer postgres = fresh(PostgresServer.latestMajor());
    ManagedServer server = tls.register("orders", postgres);

    PgsealException problem =
        refused(
            () ->
                tls.change(
                    server,
                    change -> {
                      RulesChange.Prepared prepared = prepared(change, "# ours\n");
                      RulesUndo.Recorded undo = tls.undo.of(change, prepared);
                      tls.rules.apply(change, prepared, NOTE, ConfirmOrRevert.DEFAULT);
                      postgres.writeHba(postgres.hba() + "# theirs\n");
                      tls.undo.run(change, undo);
                      return undo;
                    }));

    assertThat(problem.type()).isEqualTo(ProblemType.PRECONDITION_FAILED);
    assertThat(postgres.hba()).contains("# ours\n", "# theirs\n");
  }

  /** The shared server of a major with the rules it began with. */
  private static PostgresServer fresh(int major) {
    PostgresServer postgres = SERVERS.on(major);
    postgres.writeHba(PostgresServer.DEFAULT_HBA);
    postgres.reload();
    return postgres;
  }

  /** The present rules with text appended. */
  private RulesChange.Prepared prepared(ServerUnderChange change, String appended) {
    HbaLoader.Loaded present = tls.loader.load(change.session());
    String text = new String(present.onDisk().content(), StandardCharsets.ISO_8859_1) + appended;
    return tls.rules.prepare(
        change,
        tls.loader.withContent(
            change.session(), present, text.getBytes(StandardCharsets.ISO_8859_1)),
        present.tag(),
        RulesChange.Requirement.NONE,
        false);
  }

  private RulesChange.Applied replace(ManagedServer server, String text) {
    return tls.hbaRules.replace(
        server, text.getBytes(StandardCharsets.ISO_8859_1), sha256(server), "ann");
  }

  private RulesChange.Applied insertAtTop(ManagedServer server, String rule) {
    List<HbaRule> rules = tls.hbaRules.read(server).document().rules();
    String first = rules.isEmpty() ? null : rules.get(0).id();
    return tls.hbaRules.insert(server, rule, first, null, sha256(server), "ann");
  }

  private String sha256(ManagedServer server) {
    return tls.hbaRules.read(server).tag();
  }

  private static PgsealException refused(ThrowingCallable verb) {
    PgsealException problem = catchThrowableOfType(PgsealException.class, verb);
    assertThat(problem).as("refused").isNotNull();
    return problem;
  }

  private static byte[] bytes(PostgresServer postgres) {
    try {
      return Files.readAllBytes(postgres.hbaFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String latin1(PostgresServer postgres) {
    return new String(bytes(postgres), StandardCharsets.ISO_8859_1);
  }

  private static void write(PostgresServer postgres, byte[] content) {
    try {
      Files.write(postgres.hbaFile(), content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void write(PostgresServer postgres, String file, String text) {
    try {
      Files.writeString(postgres.dataDirectory().resolve(file), text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String read(PostgresServer postgres, String file) {
    try {
      return Files.readString(postgres.dataDirectory().resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
