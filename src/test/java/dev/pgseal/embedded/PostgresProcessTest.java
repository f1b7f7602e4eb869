package dev.pgseal.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PostgresProcessTest {

  private static final Duration TIMEOUT = Duration.ofSeconds(30);

  @TempDir Path directory;
  private PostgresProcess server;
  private int port;

  @BeforeEach
  void initialize() throws Exception {
    server = onTheSameDirectory();
    Path password = Files.writeString(directory.resolve("password"), "secret\n");
    server.initialize("postgres", password, "--no-sync");
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = socket.getLocalPort();
    }
    configure("port = " + port);
    configure("listen_addresses = '127.0.0.1'");
    configure("unix_socket_directories = ''");
    configure("fsync = off");
  }

  @AfterEach
  void stop() {
    server.stop(PostgresProcess.StopMode.IMMEDIATE, TIMEOUT);
  }

  @Test
  void aRunningServerIsTakenOverAndNotStartedTwice() {
    assertThat(server.start(TIMEOUT)).isTrue();
    long pid = server.running().orElseThrow().pid();

    PostgresProcess afterAKill = onTheSameDirectory();

    assertThat(afterAKill.start(TIMEOUT)).isFalse();
    assertThat(afterAKill.running())
        .hasValueSatisfying(
            found -> {
              assertThat(found.pid()).isEqualTo(pid);
              assertThat(found.port()).isEqualTo(port);
              assertThat(found.listenAddress()).isEqualTo("127.0.0.1");
            });
  }

  @Test
  void aStoppedServerIsGoneAndStartsAgain() {
    server.start(TIMEOUT);

    server.stop(PostgresProcess.StopMode.FAST, TIMEOUT);

    assertThat(server.running()).isEmpty();
    assertThat(server.start(TIMEOUT)).isTrue();
  }

  @Test
  void aPidThatBelongsToAnotherProgramNowDoesNotBlockTheStart() throws Exception {
    server.start(TIMEOUT);
    Path file = PostmasterFile.path(server.dataDirectory());
    List<String> lines = new ArrayList<>(Files.readAllLines(file));
    server.stop(PostgresProcess.StopMode.FAST, TIMEOUT);
    lines.set(0, Long.toString(ProcessHandle.current().pid()));
    Files.write(file, lines);

    assertThat(server.running()).isEmpty();
    assertThat(server.start(TIMEOUT)).isTrue();
  }

  @Test
  void aFailedStartTellsWhatTheLogSays() throws Exception {
    configure("ssl = on");

    assertThatThrownBy(() -> server.start(TIMEOUT))
        .isInstanceOf(PostgresException.class)
        .hasMessageContaining("did not start in " + server.dataDirectory())
        .hasMessageContaining("could not load server certificate file \"server.crt\"");
    assertThat(server.running()).isEmpty();
  }

  private PostgresProcess onTheSameDirectory() {
    PostgresBinaries binaries =
        PostgresBinaries.fromClasspath(PostgresBinaries.userCache()).orElseThrow();
    return new PostgresProcess(binaries, directory.resolve("data"), directory.resolve("log"));
  }

  private void configure(String line) throws Exception {
    Files.writeString(
        server.dataDirectory().resolve("postgresql.conf"),
        line + System.lineSeparator(),
        StandardOpenOption.APPEND);
  }
}
