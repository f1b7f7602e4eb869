package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ServerFilesTest {

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private final ServerFiles files = new ServerFiles();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static String mode(Path file) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
  }

  private static List<Path> leftovers(PostgresServer server) throws IOException {
    try (Stream<Path> all = Files.walk(server.dataDirectory())) {
      return all.filter(path -> path.getFileName().toString().startsWith(".pgseal")).toList();
    }
  }

  @PostgresMajors
  void aFileArrivesByteForByte(int major) throws IOException {
    PostgresServer server = SERVERS.on(major);
    byte[] content = new byte[300_000];
    new Random(7).nextBytes(content);
    String awkward = "it's a \"name\"; $(touch x) `touch y` \\ ü.bin";
    try (PostgresSession session = Logins.open(server)) {
      FileReceipt receipt = files.replace(session, awkward, content, FileMode.OWNER_ONLY);

      Path file = server.dataDirectory().resolve(awkward);
      assertThat(file).hasBinaryContent(content);
      assertThat(mode(file)).isEqualTo("rw-------");
      assertThat(receipt.sha256()).isEqualTo(Fingerprints.sha256(content));
      assertThat(receipt.length()).isEqualTo(content.length);
      assertThat(receipt.changed()).isTrue();
      assertThat(files.replace(session, awkward, content, FileMode.KEEP).changed()).isFalse();
      assertThat(files.read(session, awkward)).isEqualTo(content);
      assertThat(server.dataDirectory().resolve("x")).doesNotExist();
      assertThat(leftovers(server)).isEmpty();
      assertThat(
              session.queryOne("SELECT current_setting('pgseal.input')", row -> row.getString(1)))
          .contains("");
    }
  }

  @Test
  void emptyAndTinyContentsArriveToo() throws IOException {
    PostgresServer server = SERVERS.latest();
    try (PostgresSession session = Logins.open(server)) {
      for (byte[] content : new byte[][] {{}, {0}, bytes("\n"), bytes("\\.\n\\N\t")}) {
        files.replace(session, "tiny", content, FileMode.KEEP);

        assertThat(server.dataDirectory().resolve("tiny")).hasBinaryContent(content);
      }
    }
  }

  @PostgresMajors
  void modesAreSetOrKept(int major) throws IOException {
    PostgresServer server = SERVERS.on(major);
    Path file = server.dataDirectory().resolve("moded");
    try (PostgresSession session = Logins.open(server)) {
      files.replace(session, "moded", bytes("1"), FileMode.KEEP);
      assertThat(mode(file)).isEqualTo("rw-------");
      files.replace(session, "moded", bytes("2"), FileMode.WORLD_READABLE);
      assertThat(mode(file)).isEqualTo("rw-r--r--");
      files.replace(session, "moded", bytes("3"), FileMode.GROUP_READABLE);
      files.replace(session, "moded", bytes("4"), FileMode.KEEP);
      assertThat(mode(file)).isEqualTo("rw-r-----");
      assertThat(file).hasContent("4");
    }
  }

  @Test
  void aServerWhoseGroupMayReadStillGetsPrivateFiles() throws IOException {
    try (PostgresServer server = PostgresServer.latest().start()) {
      server.stop();
      Files.setPosixFilePermissions(
          server.dataDirectory(), PosixFilePermissions.fromString("rwxr-x---"));
      server.start();
      try (PostgresSession session = Logins.open(server)) {
        assertThat(
                session.queryOne(
                    "SELECT current_setting('data_directory_mode')", row -> row.getString(1)))
            .contains("0750");
        files.createDirectory(session, "pgseal/tls");
        files.replace(session, "pgseal/tls/file", bytes("x"), FileMode.KEEP);

        assertThat(mode(server.dataDirectory().resolve("pgseal"))).isEqualTo("rwx------");
        assertThat(mode(server.dataDirectory().resolve("pgseal/tls"))).isEqualTo("rwx------");
        assertThat(mode(server.dataDirectory().resolve("pgseal/tls/file"))).isEqualTo("rw-------");
      }
    }
  }

  @Test
  void aSymbolicLinkIsFollowedAndStays() throws IOException {
    PostgresServer server = SERVERS.latest();
    Path elsewhere = server.socketDirectory().resolve("elsewhere.conf");
    Files.writeString(elsewhere, "old");
    Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rw-r-----"));
    Path link = server.dataDirectory().resolve("linked.conf");
    Files.createSymbolicLink(link, elsewhere);
    try (PostgresSession session = Logins.open(server)) {
      files.replace(session, "linked.conf", bytes("new"), FileMode.KEEP);
    }
    assertThat(link).isSymbolicLink();
    assertThat(elsewhere).hasContent("new");
    assertThat(mode(elsewhere)).isEqualTo("rw-r-----");
  }

  @PostgresMajors
  void truncatedContentIsNeverInstalled(int major) throws IOException {
    PostgresServer server = SERVERS.on(major);
    Path file = server.dataDirectory().resolve("whole.conf");
    try (PostgresSession session = Logins.open(server)) {
      files.replace(session, "whole.conf", bytes("the old content\n"), FileMode.KEEP);
      byte[] content = bytes("line\n".repeat(20_000));
      String input =
          new ScriptInput().header("whole.conf").header("keep").checkedContent(content).text();
      // an error of the query closes the pipe as the end of the content does
      String breaksHalfWay =
          ServerScript.REPLACE_FILE.copy(
              """
              SELECT CASE WHEN n > 700 THEN (1 / (n - n))::text ELSE line END
                FROM string_to_table(current_setting('pgseal.input'), E'\\n')
                  WITH ORDINALITY AS t (line, n)
              """);
      session.execute(ScriptRunner.SET_INPUT, input);

      assertThatExceptionOfType(SQLException.class)
          .isThrownBy(() -> session.executeRaw(breaksHalfWay));

      assertThat(file).hasContent("the old content\n");
      // the script outlives the failed statement by a moment
      org.awaitility.Awaitility.await()
          .untilAsserted(() -> assertThat(leftovers(server)).isEmpty());
      assertThat(file).hasContent("the old content\n");
    }
  }

  @PostgresMajors
  void contentThatIsNotWhatWasSentIsRefused(int major) throws IOException {
    PostgresServer server = SERVERS.on(major);
    Path file = server.dataDirectory().resolve("checked.conf");
    try (PostgresSession session = Logins.open(server)) {
      files.replace(session, "checked.conf", bytes("old"), FileMode.KEEP);
      ScriptInput shorter =
          new ScriptInput()
              .header("checked.conf")
              .header("keep")
              .header("4")
              .header(Fingerprints.sha256(bytes("abcd")))
              .content(bytes("abc"));
      ScriptInput other =
          new ScriptInput()
              .header("checked.conf")
              .header("keep")
              .header("4")
              .header(Fingerprints.sha256(bytes("abcd")))
              .content(bytes("abcx"));
      for (ScriptInput input : List.of(shorter, other, new ScriptInput())) {
        PgsealException problem =
            catchThrowableOfType(
                PgsealException.class,
                () ->
                    new ScriptRunner(session)
                        .run(ServerScript.REPLACE_FILE, "checked.conf cannot be written", input));

        assertThat(problem.type()).isEqualTo(ProblemType.FILE_NOT_WRITTEN);
        assertThat(problem.detail()).contains("arrived");
        assertThat(file).hasContent("old");
        assertThat(leftovers(server)).isEmpty();
      }
    }
  }

  @PostgresMajors
  void aMissingDirectoryIsTold(int major) {
    try (PostgresSession session = Logins.open(SERVERS.on(major))) {
      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class,
              () -> files.replace(session, "no/such/dir/f", bytes("x"), FileMode.KEEP));

      assertThat(problem.type()).isEqualTo(ProblemType.FILE_NOT_WRITTEN);
      assertThat(problem.detail()).contains("no/such/dir/f").contains("does not exist");
      assertThat(problem.members()).containsKey("hint");
      assertThat(problem.detail()).doesNotContain("base64");
    }
  }

  @Test
  void aReadOnlyFileSystemIsTold() {
    try (PostgresSession session = Logins.open(SERVERS.latest())) {
      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class,
              () -> files.replace(session, "/proc/pgseal", bytes("x"), FileMode.KEEP));

      assertThat(problem.type()).isEqualTo(ProblemType.FILE_NOT_WRITTEN);
    }
  }

  @Test
  void aPrivateKeyNeedsAQuietSession() {
    String key = TestIdentity.forName("db").key();
    try (PostgresSession session = Logins.open(SERVERS.latest())) {
      assertThatIllegalStateException()
          .isThrownBy(() -> files.replace(session, "server.key", bytes(key), FileMode.OWNER_ONLY));
    }
  }

  @PostgresMajors
  void readingAnswersForMissingFiles(int major) {
    try (PostgresSession session = Logins.open(SERVERS.on(major))) {
      assertThat(files.exists(session, "PG_VERSION")).isTrue();
      assertThat(files.exists(session, "base")).isTrue();
      assertThat(files.exists(session, "absent")).isFalse();
      assertThat(files.readIfExists(session, "absent")).isEmpty();
      assertThat(files.readIfExists(session, "PG_VERSION"))
          .hasValueSatisfying(content -> assertThat(content).startsWith('1'));
      assertThat(
              catchThrowableOfType(PgsealException.class, () -> files.read(session, "absent"))
                  .detail())
          .contains("does not exist");
    }
  }

  @Test
  void aHugeFileIsNotRead() throws IOException {
    PostgresServer server = SERVERS.latest();
    try (var file =
        new java.io.RandomAccessFile(server.dataDirectory().resolve("huge").toFile(), "rw")) {
      file.setLength(ServerFiles.MAX_BYTES + 1L);
    }
    try (PostgresSession session = Logins.open(server)) {
      assertThat(
              catchThrowableOfType(PgsealException.class, () -> files.read(session, "huge"))
                  .detail())
          .contains("larger than 16 MiB");
    }
  }

  @PostgresMajors
  void aDirectoryLinkIsSwitchedAndRead(int major) throws IOException {
    PostgresServer server = SERVERS.on(major);
    try (PostgresSession session = Logins.open(server)) {
      files.createDirectory(session, server.dataDirectory() + "/pgseal/tls/1");
      files.createDirectory(session, "pgseal/tls/2");
      files.createDirectory(session, "pgseal/tls/2");
      files.replace(session, "pgseal/tls/1/f", bytes("one"), FileMode.OWNER_ONLY);
      files.replace(session, "pgseal/tls/2/f", bytes("two"), FileMode.OWNER_ONLY);
      assertThat(files.readSymlink(session, "pgseal/tls/current")).isEmpty();

      files.switchSymlink(session, "pgseal/tls/current", "1");
      assertThat(files.read(session, "pgseal/tls/current/f")).isEqualTo(bytes("one"));

      files.switchSymlink(session, "pgseal/tls/current", "2");
      assertThat(files.read(session, "pgseal/tls/current/f")).isEqualTo(bytes("two"));
      assertThat(files.readSymlink(session, "pgseal/tls/current")).contains("2");
      assertThat(server.dataDirectory().resolve("pgseal/tls/1").toFile().list())
          .as("no link was moved into the old goal")
          .containsExactly("f");
      assertThat(leftovers(server)).isEmpty();
    }
  }

  @Test
  void aDirectoryIsNotReplacedByALink() {
    try (PostgresSession session = Logins.open(SERVERS.latest())) {
      files.createDirectory(session, "pgseal/solid");

      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class,
              () -> files.switchSymlink(session, "pgseal/solid", "elsewhere"));

      assertThat(problem.type()).isEqualTo(ProblemType.FILE_NOT_WRITTEN);
      assertThat(files.exists(session, "pgseal/solid")).isTrue();
    }
  }

  @PostgresMajors
  void onlyWhatIsOursIsRemoved(int major) throws IOException {
    PostgresServer server = SERVERS.on(major);
    Path outside = server.socketDirectory().resolve("outside");
    Files.createDirectories(outside.resolve("kept"));
    try (PostgresSession session = Logins.open(server)) {
      files.createDirectory(session, "pgseal/old/deep");
      files.replace(session, "pgseal/old/deep/f", bytes("x"), FileMode.OWNER_ONLY);
      files.switchSymlink(session, "pgseal/away", outside.toString());

      files.removeTree(session, "pgseal/old");
      files.removeTree(session, "pgseal/old");
      PgsealException through =
          catchThrowableOfType(
              PgsealException.class, () -> files.removeTree(session, "pgseal/away/kept"));
      files.removeTree(session, "pgseal/away");

      assertThat(files.exists(session, "pgseal/old")).isFalse();
      assertThat(through.type()).isEqualTo(ProblemType.FILE_NOT_WRITTEN);
      assertThat(outside.resolve("kept")).isDirectory();
      assertThat(
              Files.exists(
                  server.dataDirectory().resolve("pgseal/away"), LinkOption.NOFOLLOW_LINKS))
          .isFalse();
      for (String path :
          List.of("base", "pgseal", "pgseal/..", "pgseal/../base", "/etc", ".", "pgseal/./")) {
        assertThatIllegalArgumentException()
            .as(path)
            .isThrownBy(() -> files.removeTree(session, path));
      }
    }
  }

  @Test
  void aDirectoryOutsideIsNotMade() {
    try (PostgresSession session = Logins.open(SERVERS.latest())) {
      for (String path : List.of("../x", "/tmp/x", "pgseal/../../x")) {
        assertThatIllegalArgumentException()
            .as(path)
            .isThrownBy(() -> files.createDirectory(session, path));
      }
    }
  }

  @PostgresMajors
  void commandsOfTheHostAreKnown(int major) {
    try (PostgresSession session = Logins.open(SERVERS.on(major))) {
      assertThat(files.commandExists(session, "sh")).isTrue();
      assertThat(files.commandExists(session, "no-such-command; true")).isFalse();
    }
  }

  @Test
  void filesReachAHotStandby() throws IOException {
    try (PostgresServer primary = PostgresServer.start(PostgresMajors.OLDEST);
        PostgresServer standby = primary.standby();
        PostgresSession session = Logins.open(standby)) {
      files.createDirectory(session, "pgseal/tls/1");
      files.replace(session, "pgseal/tls/1/f", bytes("here"), FileMode.OWNER_ONLY);
      files.switchSymlink(session, "pgseal/tls/current", "1");

      assertThat(files.readSymlink(session, "pgseal/tls/current")).contains("1");
      assertThat(standby.dataDirectory().resolve("pgseal/tls/1/f")).hasContent("here");
      assertThat(primary.dataDirectory().resolve("pgseal")).doesNotExist();
    }
  }
}
