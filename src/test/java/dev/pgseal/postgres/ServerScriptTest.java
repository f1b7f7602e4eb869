package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What the scripts do where the file system does not play along. Run under /bin/sh without a
 * server; a command in front of the path stands for the fault.
 */
class ServerScriptTest {

  @TempDir Path data;
  @TempDir Path faults;

  private static final byte[] CONTENT = "new\n".getBytes(StandardCharsets.US_ASCII);

  @BeforeEach
  void oldFile() throws IOException {
    Files.writeString(data.resolve("file"), "old\n");
  }

  private void fault(String command, String script) throws IOException {
    Path file = faults.resolve(command);
    Files.writeString(file, "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  /** The command fails for want of space at its nth call and works otherwise. */
  private void faultAtCall(String command, int nth) throws IOException {
    Path real =
        Stream.of("/bin", "/usr/bin")
            .map(directory -> Path.of(directory, command))
            .filter(Files::isExecutable)
            .findFirst()
            .orElseThrow();
    fault(
        command,
        """
        echo x >>%1$s/calls
        if [ "$(wc -l <%1$s/calls)" -eq %2$d ]; then
          echo 'write error: No space left on device' >&2
          exit 1
        fi
        exec %3$s "$@"
        """
            .formatted(faults, nth, real));
  }

  private int run(ServerScript script, ScriptInput input) throws Exception {
    String copy = script.copy("SELECT 1");
    String text = copy.substring(copy.indexOf("$pgseal$") + 8, copy.lastIndexOf("$pgseal$"));
    ProcessBuilder builder = new ProcessBuilder("/bin/sh", "-c", text);
    builder.directory(data.toFile());
    builder.environment().put("PATH", faults + ":" + System.getenv("PATH"));
    builder.redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD);
    Process process = builder.start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.text().getBytes(StandardCharsets.US_ASCII));
    } catch (IOException brokenPipe) {
      // the script gave up before it read all; its exit code says why
    }
    return process.waitFor();
  }

  private static ScriptInput replacing(String path) {
    return new ScriptInput().header(path).header("keep").checkedContent(CONTENT);
  }

  private void assertNothingLeftBehind() throws IOException {
    try (Stream<Path> files = Files.list(data)) {
      assertThat(files.map(file -> file.getFileName().toString())).containsExactly("file");
    }
  }

  @Test
  void aFileThatCannotBeRenamedOverIsWrittenInPlace() throws Exception {
    fault("mv", "echo \"mv: cannot move: Device or resource busy\" >&2; exit 1");

    assertThat(run(ServerScript.REPLACE_FILE, replacing("file"))).isZero();

    assertThat(data.resolve("file")).hasContent("new\n");
    assertNothingLeftBehind();
  }

  @Test
  void aFailedWriteInPlacePutsTheOldContentBack() throws Exception {
    fault("mv", "echo \"mv: can't rename 'x': Resource busy\" >&2; exit 1");
    faultAtCall("cat", 2);

    assertThat(run(ServerScript.REPLACE_FILE, replacing("file"))).isEqualTo(41);

    assertThat(data.resolve("file")).hasContent("old\n");
    assertNothingLeftBehind();
  }

  @Test
  void aFullDiskLeavesTheOldFile() throws Exception {
    // the headers need no process
    faultAtCall("base64", 1);

    assertThat(run(ServerScript.REPLACE_FILE, replacing("file"))).isEqualTo(41);

    assertThat(data.resolve("file")).hasContent("old\n");
    assertNothingLeftBehind();
  }

  @Test
  void aReadOnlyMountIsToldApart() throws Exception {
    fault("mktemp", "echo 'mktemp: failed to create file: Read-only file system' >&2; exit 1");

    assertThat(run(ServerScript.REPLACE_FILE, replacing("file"))).isEqualTo(42);

    assertThat(data.resolve("file")).hasContent("old\n");
  }

  @Test
  void aForbiddenRenameIsToldApart() throws Exception {
    fault("mv", "echo \"mv: cannot move: Permission denied\" >&2; exit 1");

    assertThat(run(ServerScript.REPLACE_FILE, replacing("file"))).isEqualTo(43);

    assertThat(data.resolve("file")).hasContent("old\n");
    assertNothingLeftBehind();
  }

  @Test
  void aDirectoryIsNotReplacedByAFile() throws Exception {
    Files.createDirectory(data.resolve("directory"));

    assertThat(run(ServerScript.REPLACE_FILE, replacing("directory"))).isEqualTo(14);
    assertThat(data.resolve("directory")).isEmptyDirectory();
  }

  @Test
  void aSyncThatTakesNoPathWillDo() throws Exception {
    fault("sync", "[ $# -eq 0 ]");

    assertThat(run(ServerScript.REPLACE_FILE, replacing("file"))).isZero();
    assertThat(data.resolve("file")).hasContent("new\n");
  }

  @Test
  void anOlderMvStillSwitchesALink() throws Exception {
    fault("mv", "echo 'mv: unrecognized option' >&2; exit 1");
    Files.createDirectory(data.resolve("a"));
    Files.createSymbolicLink(data.resolve("current"), Path.of("a"));

    assertThat(run(ServerScript.SWITCH_SYMLINK, new ScriptInput().header("current").header("b")))
        .isZero();
    assertThat(Files.readSymbolicLink(data.resolve("current"))).hasToString("b");
    assertThat(data.resolve("a")).isEmptyDirectory();
  }

  @Test
  void everyExitCodeOfTheScriptsIsExplained() throws Exception {
    for (ServerScript script : ServerScript.values()) {
      var codes =
          java.util.regex.Pattern.compile("\\b(?:exit|fail) ([0-9]+)")
              .matcher(script.copy("SELECT 1"))
              .results()
              .map(match -> Integer.parseInt(match.group(1)))
              .filter(code -> code != 0)
              .toList();
      assertThat(codes).isNotEmpty();
      assertThat(codes)
          .as(script.name())
          .allSatisfy(code -> assertThat(ScriptStage.of(code)).isNotNull());
    }
  }
}
