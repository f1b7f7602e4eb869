package dev.pgseal.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgseal.hba.HbaDocument;
import dev.pgseal.hba.HbaRule;
import dev.pgseal.hba.HbaSentinel;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rules that lie in several files: changed, taken back, and left half changed. */
class TreeChangeTest {

  private static final HbaNote NOTE = HbaNote.changed("ann", "test");

  private static final String MAIN =
      "include apps.conf\ninclude_if_exists nosuch.conf\ninclude_dir hba.d\n"
          + PostgresServer.DEFAULT_HBA;

  /** Untidy on purpose, and without a line end at its end. */
  private static final String APPS =
      "# apps\r\n"
          + "host\tapp  app 10.0.0.0/8 \\\r\n"
          + " scram-sha-256 # one\r\n"
          + "host @names app 10.1.0.0/16 md5";

  private static final String TEN = "hostnossl app app 10.2.0.0/16 md5\n";
  private static final String TWO = "hostssl app app 10.3.0.0/16 md5\n";
  private static final String NAMES = "one two\n";

  private final TlsFixture tls = new TlsFixture();
  private PostgresServer postgres;
  private ManagedServer server;

  @BeforeEach
  void start() throws IOException {
    postgres = PostgresServer.start(PostgresMajors.LATEST);
    Files.createDirectory(postgres.dataDirectory().resolve("hba.d"));
    write("apps.conf", APPS);
    write("hba.d/10.conf", TEN);
    write("hba.d/2.conf", TWO);
    write("names", NAMES);
    postgres.writeHba(MAIN);
    postgres.reload();
    server = tls.register("orders", postgres);
  }

  @AfterEach
  void stop() {
    tls.close();
    postgres.close();
  }

  @Test
  void rulesOfAllFilesAreConvertedAndComeBackToTheByte() {
    tls.serveTls(server);

    RulesConversion.Plan plan = tls.enforce(server);

    assertThat(plan.diff()).contains("/apps.conf", "/hba.d/10.conf");
    assertThat(read("apps.conf"))
        .isEqualTo(
            APPS.replace("host\tapp  app", "hostssl\tapp  app").replace("host @", "hostssl @"));
    assertThat(read("hba.d/10.conf")).startsWith("# disabled by pgseal").contains(TEN);
    assertThat(read("hba.d/2.conf")).isEqualTo(TWO);
    assertThat(tls.state("orders").mode()).isEqualTo(SslState.Mode.ENFORCED);

    tls.relax(server);
    requireAsAtFirst();
    assertThat(tls.state("orders").mode()).isEqualTo(SslState.Mode.OFFERED);
  }

  @Test
  void theTagIsOfAllFilesListsOfNamesIncluded() {
    String tag = tag();
    for (String file : List.of("apps.conf", "hba.d/2.conf", "names")) {
      String before = read(file);
      write(file, before + "\n");
      assertThat(tag()).as(file).isNotEqualTo(tag);
      write(file, before);
    }
    write("nosuch.conf", "# now there is\n");
    assertThat(tag()).isNotEqualTo(tag);
    delete("nosuch.conf");
    assertThat(tag()).isEqualTo(tag);
  }

  @Test
  void aRuleOfAnIncludedFileIsChangedAndNoOtherByte() {
    HbaRule rule = rule("10.0.0.0/8");
    String before = tag();

    RulesChange.Applied applied =
        tls.hbaRules.change(
            server, rule.id(), "host app app 10.9.0.0/16 scram-sha-256", before, "ann");

    assertThat(read("apps.conf"))
        .isEqualTo(
            "# apps\r\nhost app app 10.9.0.0/16 scram-sha-256\r\nhost @names app 10.1.0.0/16 md5");
    assertThat(applied.tag()).isEqualTo(tag());
    assertThat(withoutSentinel()).isEqualTo(MAIN);
    assertThat(postgres.query("SELECT address FROM pg_hba_file_rules WHERE rule_number = 2"))
        .isEqualTo("10.9.0.0");
  }

  @Test
  void aRuleIsInsertedBehindOneOfAnIncludedFile() {
    tls.hbaRules.insert(
        server, "host app app 10.9.0.0/16 md5", null, rule("10.1.0.0/16").id(), tag(), "ann");

    assertThat(read("apps.conf")).isEqualTo(APPS + "\r\nhost app app 10.9.0.0/16 md5\r\n");
  }

  @Test
  void anIncludedFileThatChangedSinceItWasReadIsLeftAlone() {
    String read = tag();
    HbaRule rule = rule("10.0.0.0/8");
    write("hba.d/2.conf", TWO + "# by hand\n");

    PgsealException problem =
        catchThrowableOfType(
            PgsealException.class, () -> tls.hbaRules.remove(server, rule.id(), read, "ann"));

    assertThat(problem.type()).isEqualTo(ProblemType.PRECONDITION_FAILED);
    assertThat(read("apps.conf")).isEqualTo(APPS);
    assertThat(postgres.hba()).isEqualTo(MAIN);
  }

  @Test
  void allFilesComeBackWhenTheNewRulesDoNotProveThemselves() {
    PgsealException problem =
        catchThrowableOfType(
            PgsealException.class,
            () ->
                tls.change(
                    server,
                    change -> {
                      RulesChange.Prepared prepared =
                          prepared(change, RulesChange.Requirement.PLAINTEXT_REFUSED);
                      return tls.rules.apply(change, prepared, NOTE, ConfirmOrRevert.DEFAULT);
                    }));

    assertThat(problem.type()).isEqualTo(ProblemType.HBA_NOT_TAKEN);
    assertThat(problem.members()).containsEntry("undone", true);
    requireAsAtFirst();
    assertThat(tls.stores.writes.find(server.id())).isEmpty();
  }

  @Test
  void aJobsUndoPutsAllFilesBackAndLeavesWhatSomebodyElseChanged() {
    RulesUndo.Recorded undo =
        tls.change(
            server,
            change -> {
              RulesChange.Prepared prepared = prepared(change, RulesChange.Requirement.NONE);
              RulesUndo.Recorded back = tls.undo.of(change, prepared);
              tls.rules.apply(change, prepared, NOTE, ConfirmOrRevert.DEFAULT);
              assertThat(tls.undo.isWritten(change, back)).isTrue();
              return back;
            });
    String written = read("apps.conf");

    write("apps.conf", written + "# theirs\n");
    PgsealException problem =
        catchThrowableOfType(PgsealException.class, () -> tls.change(server, c -> undo(c, undo)));
    assertThat(problem.type()).isEqualTo(ProblemType.PRECONDITION_FAILED);
    assertThat(read("apps.conf")).endsWith("# theirs\n");

    write("apps.conf", written);
    tls.change(server, c -> undo(c, undo));
    tls.change(server, c -> undo(c, undo));
    requireAsAtFirst();
  }

  @Test
  void aListOfNamesIsNotWritten() {
    HbaLoader.Loaded present = loaded();
    HbaDocument wanted =
        tls.change(
            server,
            change ->
                tls.loader.withFiles(
                    change.session(), present, Map.of(path("names"), bytes("three\n"))));

    PgsealException problem =
        catchThrowableOfType(
            PgsealException.class,
            () -> TreeChange.between(present.tree(), wanted, path -> Optional.empty()));

    assertThat(problem.type()).isEqualTo(ProblemType.HBA_NOT_EDITABLE);
    assertThat(problem.members()).containsEntry("file", path("apps.conf")).containsEntry("line", 4);
  }

  @Test
  void aChangeOfWhichOnlyOneFileWasWrittenIsTakenBackByTheNext() {
    brokenOff(List.of("apps.conf"));
    assertThat(read("apps.conf")).contains("10.77.0.0");

    tls.hbaRules.remove(server, rule("10.3.0.0/16").id(), tagLocked(), "ann");

    assertThat(read("apps.conf")).isEqualTo(APPS);
    assertThat(read("hba.d/2.conf")).isEmpty();
    assertThat(kinds()).containsExactly(HbaRevision.Kind.CHANGED, HbaRevision.Kind.FOUND);
  }

  @Test
  void aChangeThatWasWrittenWholeIsFinishedAndGetsItsRevision() {
    brokenOff(List.of("apps.conf", "pg_hba.conf"));

    tls.change(server, change -> change);

    assertThat(read("apps.conf")).contains("10.77.0.0");
    assertThat(postgres.query("SELECT count(*) FROM pg_hba_file_rules WHERE address = '10.77.0.0'"))
        .isEqualTo("1");
    assertThat(kinds()).containsExactly(HbaRevision.Kind.CHANGED, HbaRevision.Kind.FOUND);
    assertThat(newest().summary()).contains("interruption");
    assertThat(newest().sha256()).isEqualTo(tag());
    assertThat(tls.stores.writes.find(server.id())).isEmpty();
  }

  /** A replica that froze in the midst of recording it wakes up when another has finished it. */
  @Test
  void aChangeThatIsRecordedAgainAfterItWasFinishedGetsNoSecondRevision() {
    brokenOff(List.of("apps.conf", "pg_hba.conf"));
    HbaWrite late = tls.stores.writes.find(server.id()).orElseThrow();
    tls.change(server, change -> change);
    List<HbaRevision.Kind> once = kinds();
    tls.stores.writes.begin(late);

    tls.change(server, change -> change);

    assertThat(kinds()).isEqualTo(once).startsWith(HbaRevision.Kind.CHANGED);
    assertThat(tls.stores.writes.find(server.id())).isEmpty();
  }

  @Test
  void aChangeThatHadNotBegunLeavesNothing() {
    brokenOff(List.of());

    tls.change(server, change -> change);

    requireAsAtFirst();
    assertThat(tls.stores.writes.find(server.id())).isEmpty();
  }

  @Test
  void aFileThatSomebodyChangedAfterTheInterruptionKeepsTheirText() {
    brokenOff(List.of("apps.conf"));
    postgres.writeHba(MAIN + "# theirs\n");

    tls.change(server, change -> change);

    assertThat(postgres.hba()).isEqualTo(MAIN + "# theirs\n");
    assertThat(tls.stores.writes.find(server.id())).isEmpty();
  }

  @Test
  void rulesThatWereWrittenWholeButLetUsInNoMoreAreTakenBack() {
    // a login sees that the first rules are loaded: later the file is another
    tag();
    String refusing = "host all all 192.0.2.0/24 scram-sha-256\nhost all all all reject\n";
    TreeChange change =
        new TreeChange(
            main(),
            new TreeMap<>(Map.of(main(), new TreeChange.Replaced(bytes(MAIN), bytes(refusing)))),
            Map.of());
    tls.stores.writes.begin(
        change.recorded(UUID.randomUUID(), server.id(), PostgresMajors.LATEST, NOTE));
    write("pg_hba.conf", refusing);

    tls.change(server, locked -> locked);

    requireAsAtFirst();
    assertThat(postgres.query("SELECT 1")).isEqualTo("1");
    assertThat(tls.stores.writes.find(server.id())).isEmpty();
  }

  @Test
  void whatSomebodyElseWroteIsARevisionBeforeOurChangeAndWhenRead() {
    tls.hbaRules.read(server);
    write("apps.conf", APPS + "\r\n# theirs\r\n");
    tls.hbaRules.read(server);
    write("hba.d/2.conf", TWO + "# theirs\n");
    tls.hbaRules.remove(server, rule("10.0.0.0/8").id(), tagLocked(), "ann");

    assertThat(kinds())
        .containsExactly(
            HbaRevision.Kind.CHANGED,
            HbaRevision.Kind.FOUND,
            HbaRevision.Kind.FOUND,
            HbaRevision.Kind.FOUND);
    List<HbaRevision> newestFirst = tls.stores.revisions.list(server.id(), null, 10);
    assertThat(newestFirst.get(0).files()).containsExactly(path("apps.conf"), main());
    assertThat(newestFirst.get(1).files()).containsExactly(path("hba.d/2.conf"));
    assertThat(newestFirst.get(2).files()).containsExactly(path("apps.conf"));
  }

  /** As a pgseal that was killed leaves it: recorded, and some of its files written. */
  private void brokenOff(List<String> written) {
    tls.change(
        server,
        change -> {
          RulesChange.Prepared prepared = prepared(change, RulesChange.Requirement.NONE);
          tls.stores.writes.begin(
              prepared
                  .change()
                  .recorded(UUID.randomUUID(), server.id(), change.session().major(), NOTE));
          SortedMap<String, byte[]> after = new TreeMap<>();
          prepared.change().files().forEach((path, file) -> after.put(path, file.after()));
          assertThat(after).containsOnlyKeys(path("apps.conf"), main());
          for (String file : written) {
            write(file, new String(after.get(path(file)), StandardCharsets.ISO_8859_1));
          }
          return prepared;
        });
  }

  /** A rule more in apps.conf, which also changes the sentinel of the main file. */
  private RulesChange.Prepared prepared(
      ServerUnderChange change, RulesChange.Requirement requirement) {
    HbaLoader.Loaded present = tls.loader.load(change.session());
    HbaDocument edited =
        tls.loader.withFiles(
            change.session(),
            present,
            Map.of(path("apps.conf"), bytes(APPS + "\r\nhost x x 10.77.0.0/16 reject\r\n")));
    return tls.rules.prepare(change, edited, present.tag(), requirement, false);
  }

  private RulesUndo.Recorded undo(ServerUnderChange change, RulesUndo.Recorded undo) {
    tls.undo.run(change, undo);
    return undo;
  }

  private void requireAsAtFirst() {
    assertThat(postgres.hba()).isEqualTo(MAIN);
    assertThat(read("apps.conf")).isEqualTo(APPS);
    assertThat(read("hba.d/10.conf")).isEqualTo(TEN);
    assertThat(read("hba.d/2.conf")).isEqualTo(TWO);
    assertThat(read("names")).isEqualTo(NAMES);
  }

  private List<HbaRevision.Kind> kinds() {
    return tls.stores.revisions.list(server.id(), null, 10).stream()
        .map(HbaRevision::kind)
        .toList();
  }

  private HbaRevision newest() {
    return tls.stores.revisions.list(server.id(), null, 1).get(0);
  }

  private HbaLoader.Loaded loaded() {
    try (var session = tls.access.fresh(server)) {
      return tls.loader.load(session);
    }
  }

  private String tag() {
    return loaded().tag();
  }

  /** After whatever was broken off has been ended. */
  private String tagLocked() {
    return tls.change(server, change -> tls.loader.load(change.session()).tag());
  }

  private HbaRule rule(String part) {
    return loaded().document().rules().stream()
        .filter(rule -> rule.text().contains(part))
        .findFirst()
        .orElseThrow();
  }

  private String withoutSentinel() {
    byte[] main = bytes(postgres.hba());
    return new String(
        HbaSentinel.remove(HbaDocument.parse(main, PostgresMajors.LATEST)).bytes(),
        StandardCharsets.ISO_8859_1);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  private String main() {
    return postgres.hbaFile().toString();
  }

  private String path(String file) {
    return postgres.dataDirectory().resolve(file).toString();
  }

  private void write(String file, String text) {
    try {
      Files.write(Path.of(path(file)), bytes(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void delete(String file) {
    try {
      Files.delete(Path.of(path(file)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String read(String file) {
    try {
      return Files.readString(Path.of(path(file)), StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
