package dev.pgseal.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.embedded.PostgresException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostgresServerTest {

  @RegisterExtension
  static final SharedPostgres SERVERS =
      new SharedPostgres(setup -> setup.preload("pg_stat_statements"));

  @PostgresMajors
  void itIsTheMajorThatWasAskedForAndSpeaksPlaintext(int major) {
    PostgresServer server = SERVERS.on(major);

    assertThat(server.query("SHOW server_version_num")).startsWith(Integer.toString(major));
    assertThat(server.query("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()"))
        .isEqualTo("f");
    server.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
    assertThat(server.query("SELECT count(*) > 0 FROM pg_stat_statements")).isEqualTo("t");
  }

  @PostgresMajors
  void aStandbyStreamsWhatIsCommittedOnItsPrimary(int major) {
    try (PostgresServer primary = PostgresServer.start(major);
        PostgresServer standby = primary.standby()) {
      primary.execute("CREATE TABLE t AS SELECT 42 AS answer");

      primary.awaitReplayedBy(standby);

      assertThat(standby.query("SELECT answer FROM t")).isEqualTo("42");
      assertThat(standby.query("SELECT pg_is_in_recovery()")).isEqualTo("t");
      assertThat(
              primary.query(
                  "SELECT s.ssl FROM pg_stat_replication r JOIN pg_stat_ssl s USING (pid)"))
          .as("the stream's TLS")
          .isEqualTo("f");
    }
  }

  @Test
  void aServerThatCannotStartTellsItsLog() {
    assertThatThrownBy(() -> PostgresServer.latest().setting("ssl", "on").start())
        .isInstanceOf(PostgresException.class)
        .hasMessageContaining("could not load server certificate file");
  }

  @Test
  void aWrongPasswordIsRefused() {
    PostgresServer server = SERVERS.latest();

    assertThatThrownBy(() -> server.connect(PostgresServer.SUPERUSER, "wrong", "prefer"))
        .isInstanceOfSatisfying(
            SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
  }

  @Test
  void rulesWrittenBehindTheBackCountAfterAReload() {
    try (PostgresServer server = PostgresServer.latest().start()) {
      server.writeHba("host all nobody all reject\n" + server.hba());
      server.reload();

      assertThatThrownBy(() -> server.connect("nobody", "", "disable"))
          .hasMessageContaining("pg_hba.conf rejects connection");
    }
  }

  @Test
  void aSettingOnTheCommandLineCannotBeAltered() {
    try (PostgresServer server = PostgresServer.latest().commandLineSetting("ssl", "off").start()) {
      assertThat(server.query("SELECT source FROM pg_settings WHERE name = 'ssl'"))
          .isEqualTo("command line");
    }
  }

  @Test
  void itsSocketIsPrivateAndAnswers() throws Exception {
    PostgresServer server = SERVERS.latest();

    assertThat(Files.getPosixFilePermissions(server.socketDirectory()))
        .isEqualTo(PosixFilePermissions.fromString("rwx------"));
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      assertThat(channel.connect(UnixDomainSocketAddress.of(server.socket()))).isTrue();
    }
  }
}
