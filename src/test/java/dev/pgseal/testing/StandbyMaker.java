package dev.pgseal.testing;

import static org.awaitility.Awaitility.await;

import dev.pgseal.embedded.DirectoryTree;
import dev.pgseal.embedded.LoopbackPort;
import dev.pgseal.embedded.ServerFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** Makes hot standbys out of cold copies, as the binaries have no {@code pg_basebackup}. */
final class StandbyMaker {

  private static final Duration TIMEOUT = Duration.ofSeconds(60);

  private final PostgresServer primary;

  StandbyMaker(PostgresServer primary) {
    this.primary = primary;
  }

  PostgresServer make(String applicationName) throws IOException {
    createRole();
    Path directory = ServerDirectories.create();
    primary.stop();
    DirectoryTree.copy(primary.dataDirectory(), directory.resolve("data"));
    primary.start();
    PostgresServer standby =
        new PostgresServer(primary.major(), directory, LoopbackPort.free(), List.of(), Map.of());
    ServerFiles files = new ServerFiles(standby.dataDirectory());
    files.set(standby.address());
    files.followAsStandby(primaryConninfo(applicationName));
    standby.start();
    await("streaming to " + applicationName)
        .atMost(TIMEOUT)
        .until(() -> streamsTo(applicationName));
    return standby;
  }

  private void createRole() {
    String name = PostgresServer.REPLICATION_USER;
    if (primary.query("SELECT 1 FROM pg_roles WHERE rolname = '" + name + "'") == null) {
      primary.execute(
          "CREATE ROLE %s LOGIN REPLICATION PASSWORD '%s'"
              .formatted(name, PostgresServer.REPLICATION_PASSWORD));
    }
  }

  private String primaryConninfo(String applicationName) {
    return "host=%s port=%d user=%s password=%s sslmode=prefer application_name=%s"
        .formatted(
            primary.host(),
            primary.port(),
            PostgresServer.REPLICATION_USER,
            PostgresServer.REPLICATION_PASSWORD,
            applicationName);
  }

  private boolean streamsTo(String applicationName) {
    return "streaming"
        .equals(
            primary.query(
                "SELECT state FROM pg_stat_replication WHERE application_name = '"
                    + applicationName
                    + "'"));
  }
}
