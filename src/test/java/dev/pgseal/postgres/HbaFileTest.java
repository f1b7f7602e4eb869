package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class HbaFileTest {

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private static final byte[] GOOD =
      (PostgresServer.DEFAULT_HBA + "host all all 192.0.2.0/24 reject # caf\u00e9 \\ \"x\"\n")
          .getBytes(StandardCharsets.UTF_8);

  private final HbaFile hba = new HbaFile();

  @AfterEach
  void asBefore() {
    SERVERS.started().forEach(server -> server.writeHba(PostgresServer.DEFAULT_HBA));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static List<String> names(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  @PostgresMajors
  void theFileIsReadAsItIs(int major) {
    PostgresServer server = SERVERS.on(major);
    try (PostgresSession session = Logins.open(server)) {
      HbaOnDisk onDisk = hba.read(session);

      assertThat(onDisk.path()).isEqualTo(server.hbaFile().toString());
      assertThat(onDisk.content()).isEqualTo(bytes(PostgresServer.DEFAULT_HBA));
      assertThat(onDisk.sha256()).isEqualTo(Fingerprints.sha256(onDisk.content()));
      assertThat(onDisk.includedFiles()).isEmpty();
    }
  }

  @PostgresMajors
  void aGoodTextReplacesTheFileAndThePreviousIsKept(int major) throws IOException {
    PostgresServer server = SERVERS.on(major);
    Files.setPosixFilePermissions(server.hbaFile(), PosixFilePermissions.fromString("rw-r-----"));
    try (PostgresSession session = Logins.open(server)) {
      hba.replace(session, GOOD, hba.read(session).sha256());

      assertThat(server.hbaFile()).hasBinaryContent(GOOD);
      assertThat(hba.read(session).content()).isEqualTo(GOOD);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.hbaFile())))
          .isEqualTo("rw-r-----");
      Path kept = server.dataDirectory().resolve("pgseal/hba/previous.conf");
      assertThat(kept).hasContent(PostgresServer.DEFAULT_HBA);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(kept)))
          .isEqualTo("rw-------");
      assertThat(names(kept.getParent())).containsExactly("previous.conf");
      assertThat(names(server.dataDirectory())).noneMatch(name -> name.startsWith(".pgseal"));
    }
  }

  @PostgresMajors
  void aTextThatPostgresWouldRefuseIsNeverLeftOnDisk(int major) throws IOException {
    PostgresServer server = SERVERS.on(major);
    try (PostgresSession session = Logins.open(server)) {
      String sha = hba.read(session).sha256();
      byte[] bad = bytes(PostgresServer.DEFAULT_HBA + "host all all 10.0.0.0/8 no-such-method\n");

      PgsealException problem =
          catchThrowableOfType(PgsealException.class, () -> hba.replace(session, bad, sha));

      assertThat(problem.type()).isEqualTo(ProblemType.HBA_INVALID);
      assertThat(problem.members())
          .containsEntry("line", 7)
          .containsEntry("file", server.hbaFile().toString());
      assertThat(problem.detail()).contains("invalid authentication method \"no-such-method\"");
      assertThat(server.hba()).isEqualTo(PostgresServer.DEFAULT_HBA);
      assertThat(names(server.dataDirectory().resolve("pgseal/hba")))
          .containsExactly("previous.conf");
      assertThat(names(server.dataDirectory())).noneMatch(name -> name.startsWith(".pgseal"));
    }
  }

  @PostgresMajors
  void aLineThatIsRefusedWithoutAReasonIsRefusedToo(int major) {
    PostgresServer server = SERVERS.on(major);
    try (PostgresSession session = Logins.open(server)) {
      String sha = hba.read(session).sha256();
      byte[] bad =
          bytes(
              "hostssl all all 0.0.0.0/0 scram-sha-256 clientcert=1\n"
                  + PostgresServer.DEFAULT_HBA);

      PgsealException problem =
          catchThrowableOfType(PgsealException.class, () -> hba.replace(session, bad, sha));

      assertThat(problem.type()).isEqualTo(ProblemType.HBA_INVALID);
      assertThat(problem.members()).containsEntry("line", 1).containsKey("reason");
      assertThat(server.hba()).isEqualTo(PostgresServer.DEFAULT_HBA);
    }
  }

  @PostgresMajors
  void aTextWithoutAnyRuleIsRefused(int major) {
    PostgresServer server = SERVERS.on(major);
    try (PostgresSession session = Logins.open(server)) {
      String sha = hba.read(session).sha256();
      for (String text : List.of("", "# nothing\n")) {
        PgsealException problem =
            catchThrowableOfType(
                PgsealException.class, () -> hba.replace(session, bytes(text), sha));

        assertThat(problem.type()).isEqualTo(ProblemType.HBA_INVALID);
        assertThat(problem.detail()).contains("no entries");
        assertThat(server.hba()).isEqualTo(PostgresServer.DEFAULT_HBA);
      }
    }
  }

  @PostgresMajors
  void aRuleThatLoadsButCannotMatchIsTaken(int major) {
    PostgresServer server = SERVERS.on(major);
    byte[] text = bytes("hostssl all all 192.0.2.0/24 reject\n" + PostgresServer.DEFAULT_HBA);
    try (PostgresSession session = Logins.open(server)) {
      hba.replace(session, text, hba.read(session).sha256());

      assertThat(server.hbaFile()).hasBinaryContent(text);
      HbaRow row = hba.rows(session).get(0);
      assertThat(row.type()).isEqualTo("hostssl");
      assertThat(row.error()).contains("SSL is disabled");
      assertThat(row.refused()).isFalse();
    }
  }

  @PostgresMajors
  void aFileThatHasChangedMeanwhileIsNotReplaced(int major) {
    PostgresServer server = SERVERS.on(major);
    try (PostgresSession session = Logins.open(server)) {
      String sha = hba.read(session).sha256();
      server.writeHba(PostgresServer.DEFAULT_HBA + "# by hand\n");

      PgsealException problem =
          catchThrowableOfType(PgsealException.class, () -> hba.replace(session, GOOD, sha));

      assertThat(problem.type()).isEqualTo(ProblemType.PRECONDITION_FAILED);
      assertThat(server.hba()).endsWith("# by hand\n");
    }
  }

  @Test
  void aBackendKilledBeforeItJudgedLeavesTheOldText() throws IOException {
    PostgresServer server = SERVERS.latest();
    byte[] bad = bytes(PostgresServer.DEFAULT_HBA + "host nonsense\n");
    try (PostgresSession session = Logins.open(server)) {
      String path = server.hbaFile().toString();
      String sha = hba.read(session).sha256();
      HbaReplacement replacement =
          new HbaReplacement(UUID.randomUUID(), Map.of(path, bad), Map.of(path, sha));
      // what HbaFile.replace does first, without what comes after it in the same statement
      new ScriptRunner(session)
          .run(
              ServerScript.REPLACE_HBA,
              path,
              new HbaReplacer(session, path).replaceInput(replacement, "2"));
      assertThat(server.hbaFile()).hasBinaryContent(bad);
      server.query("SELECT pg_terminate_backend(" + session.pid() + ", 5000)");
    }
    await()
        .atMost(java.time.Duration.ofSeconds(40))
        .untilAsserted(() -> assertThat(server.hba()).isEqualTo(PostgresServer.DEFAULT_HBA));
    assertThat(names(server.dataDirectory().resolve("pgseal/hba")))
        .containsExactly("previous.conf");
  }

  @PostgresMajors
  void rulesAreShownAsPostgresReadsThem(int major) {
    PostgresServer server = SERVERS.on(major);
    server.writeHba(
        """
        # comment
        host "db one",two +staff 10.1.0.0/16 radius radiusservers=10.0.0.1 radiussecrets=hush
        local all all peer map=m
        host nonsense
        """);
    try (PostgresSession session = Logins.open(server)) {
      List<HbaRow> rows = hba.rows(session);

      HbaRow first = rows.get(0);
      assertThat(first.line()).isEqualTo(2);
      assertThat(first.databases()).containsExactly("db one", "two");
      assertThat(first.users()).containsExactly("+staff");
      assertThat(first.address()).isEqualTo("10.1.0.0");
      assertThat(first.netmask()).isEqualTo("255.255.0.0");
      assertThat(first.authMethod()).isEqualTo("radius");
      assertThat(first.options()).contains("radiussecrets=********");
      assertThat(rows.toString()).doesNotContain("hush");
      assertThat(first.ruleNumber()).isEqualTo(major >= 16 ? 1 : null);
      assertThat(rows.get(1).options()).containsExactly("map=m");
      assertThat(rows.get(2).refused()).isTrue();
      assertThat(rows.get(2).error()).isNotNull();
    }
  }

  @Test
  void includedFilesAreNamed() throws IOException {
    PostgresServer server = SERVERS.on(PostgresMajors.LATEST);
    Path included = server.dataDirectory().resolve("more_hba.conf");
    Files.writeString(included, "host all all 192.0.2.0/24 reject\n");
    server.writeHba("include more_hba.conf\n" + PostgresServer.DEFAULT_HBA);
    try (PostgresSession session = Logins.open(server)) {
      assertThat(hba.read(session).includedFiles()).containsExactly(included.toString());
    }
  }

  /** The main file takes in another two; all of them change. */
  private HbaReplacement threeFiles(PostgresServer server, PostgresSession session, String last)
      throws IOException {
    Path first = server.dataDirectory().resolve("first.conf");
    Path second = server.dataDirectory().resolve("second.conf");
    Files.writeString(first, "host all all 192.0.2.1/32 reject\n");
    Files.writeString(second, "host all all 192.0.2.2/32 reject\n");
    server.writeHba("include first.conf\ninclude second.conf\n" + PostgresServer.DEFAULT_HBA);
    Map<String, byte[]> contents =
        Map.of(
            first.toString(), bytes("host all all 192.0.2.11/32 reject\n"),
            second.toString(), bytes(last),
            server.hbaFile().toString(), bytes("# new\n" + server.hba()));
    Map<String, String> expected = new HashMap<>();
    for (String path : contents.keySet()) {
      expected.put(path, Fingerprints.sha256(Files.readAllBytes(Path.of(path))));
    }
    return new HbaReplacement(UUID.randomUUID(), contents, expected);
  }

  private static Map<String, String> onDisk(HbaReplacement replacement) throws IOException {
    Map<String, String> hashes = new HashMap<>();
    for (String path : replacement.contents().keySet()) {
      hashes.put(path, Fingerprints.sha256(Files.readAllBytes(Path.of(path))));
    }
    return hashes;
  }

  @Test
  void severalFilesAreReplacedAndEachPreviousIsKept() throws IOException {
    PostgresServer server = SERVERS.on(PostgresMajors.LATEST);
    try (PostgresSession session = Logins.open(server)) {
      HbaReplacement replacement =
          threeFiles(server, session, "host all all 192.0.2.12/32 reject\n");
      String main = server.hba();

      hba.replace(session, replacement);

      for (String path : replacement.contents().keySet()) {
        assertThat(Path.of(path)).hasBinaryContent(replacement.contents().get(path));
      }
      Path kept = server.dataDirectory().resolve("pgseal/hba");
      assertThat(names(kept))
          .containsExactlyInAnyOrder("previous.conf", "previous-1.conf", "previous-2.conf");
      assertThat(kept.resolve("previous.conf")).hasContent(main);
      assertThat(kept.resolve("previous-1.conf")).hasContent("host all all 192.0.2.1/32 reject\n");
      assertThat(names(server.dataDirectory())).noneMatch(name -> name.startsWith(".pgseal"));
    }
  }

  @Test
  void severalFilesOfWhichPostgresRefusesOneAllComeBack() throws IOException {
    PostgresServer server = SERVERS.on(PostgresMajors.LATEST);
    try (PostgresSession session = Logins.open(server)) {
      HbaReplacement replacement = threeFiles(server, session, "\nhost nonsense\n");

      PgsealException problem =
          catchThrowableOfType(PgsealException.class, () -> hba.replace(session, replacement));

      assertThat(problem.type()).isEqualTo(ProblemType.HBA_INVALID);
      assertThat(problem.members()).containsEntry("line", 2);
      assertThat(problem.members().get("file").toString()).endsWith("second.conf");
      assertThat(onDisk(replacement)).isEqualTo(replacement.expected());
      assertThat(names(server.dataDirectory().resolve("pgseal/hba")))
          .noneMatch(name -> name.startsWith("unjudged"));
    }
  }

  @Test
  void aBackendKilledBeforeItJudgedLeavesTheOldTextOfAllFiles() throws IOException {
    PostgresServer server = SERVERS.on(PostgresMajors.LATEST);
    HbaReplacement replacement;
    try (PostgresSession session = Logins.open(server)) {
      replacement = threeFiles(server, session, "host nonsense\n");
      new ScriptRunner(session)
          .run(
              ServerScript.REPLACE_HBA,
              "hba",
              new HbaReplacer(session, server.hbaFile().toString()).replaceInput(replacement, "2"));
      assertThat(onDisk(replacement).values())
          .doesNotContainAnyElementsOf(replacement.expected().values());
      server.query("SELECT pg_terminate_backend(" + session.pid() + ", 5000)");
    }
    await()
        .atMost(java.time.Duration.ofSeconds(40))
        .untilAsserted(() -> assertThat(onDisk(replacement)).isEqualTo(replacement.expected()));
  }

  @Test
  void anyFileThatIsAnotherThanWasReadStopsTheWholeReplacement() throws IOException {
    PostgresServer server = SERVERS.on(PostgresMajors.LATEST);
    try (PostgresSession session = Logins.open(server)) {
      HbaReplacement replacement = threeFiles(server, session, "host all all all reject\n");
      Path second = server.dataDirectory().resolve("second.conf");
      Files.writeString(second, "# by hand\n");

      PgsealException problem =
          catchThrowableOfType(PgsealException.class, () -> hba.replace(session, replacement));

      assertThat(problem.type()).isEqualTo(ProblemType.PRECONDITION_FAILED);
      assertThat(problem.detail()).contains("second.conf");
      assertThat(second).hasContent("# by hand\n");
      assertThat(server.dataDirectory().resolve("first.conf"))
          .hasContent("host all all 192.0.2.1/32 reject\n");
    }
  }

  @Test
  void anIncludedFileThatIsALinkOrReadOnlyIsRefusedByItsName() throws IOException {
    PostgresServer server = SERVERS.on(PostgresMajors.LATEST);
    Path second = server.dataDirectory().resolve("second.conf");
    Path elsewhere = server.dataDirectory().resolve("elsewhere.txt");
    try (PostgresSession session = Logins.open(server)) {
      HbaReplacement replacement = threeFiles(server, session, "host all all all reject\n");
      Files.move(second, elsewhere, StandardCopyOption.REPLACE_EXISTING);
      Files.createSymbolicLink(second, elsewhere.getFileName());

      PgsealException link =
          catchThrowableOfType(PgsealException.class, () -> hba.replace(session, replacement));
      Files.move(elsewhere, second, StandardCopyOption.REPLACE_EXISTING);
      Files.setPosixFilePermissions(second, PosixFilePermissions.fromString("r--r-----"));
      PgsealException readOnly =
          catchThrowableOfType(PgsealException.class, () -> hba.replace(session, replacement));

      assertThat(List.of(link.type(), readOnly.type())).containsOnly(ProblemType.FILE_NOT_WRITTEN);
      assertThat(link.detail()).contains("second.conf", "symbolic link");
      assertThat(readOnly.detail()).contains("second.conf", "may not write");
      assertThat(onDisk(replacement)).isEqualTo(replacement.expected());
    } finally {
      Files.deleteIfExists(second);
    }
  }

  @Test
  void aMissingIncludeIsRefusedWithItsLine() {
    PostgresServer server = SERVERS.on(PostgresMajors.LATEST);
    try (PostgresSession session = Logins.open(server)) {
      String sha = hba.read(session).sha256();

      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class,
              () ->
                  hba.replace(
                      session, bytes(PostgresServer.DEFAULT_HBA + "include no_such.conf\n"), sha));

      assertThat(problem.type()).isEqualTo(ProblemType.HBA_INVALID);
      assertThat(problem.detail()).contains("no_such.conf");
      assertThat(server.hba()).isEqualTo(PostgresServer.DEFAULT_HBA);
    }
  }

  @Test
  void aHotStandbysFileIsReplacedAsWell() {
    try (PostgresServer primary = PostgresServer.start(PostgresMajors.OLDEST);
        PostgresServer standby = primary.standby();
        PostgresSession session = Logins.open(standby)) {
      String sha = hba.read(session).sha256();

      hba.replace(session, GOOD, sha);
      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class,
              () -> hba.replace(session, bytes("host nonsense\n"), Fingerprints.sha256(GOOD)));

      assertThat(standby.hbaFile()).hasBinaryContent(GOOD);
      assertThat(primary.hba()).isEqualTo(PostgresServer.DEFAULT_HBA);
      assertThat(problem.type()).isEqualTo(ProblemType.HBA_INVALID);
    }
  }
}
