package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ServerFactsReaderTest {

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private final ServerFactsReader reader = new ServerFactsReader();

  @PostgresMajors
  void aSuperuserSeesAllAndLacksNothing(int major) {
    PostgresServer server = SERVERS.on(major);
    try (PostgresSession session = Logins.open(server)) {
      ServerFacts facts = reader.read(session);

      assertThat(facts.version()).startsWith(major + ".");
      assertThat(facts.major()).isEqualTo(major);
      assertThat(facts.inRecovery()).isFalse();
      assertThat(facts.systemIdentifier()).matches("[0-9]{15,}");
      assertThat(facts.role()).isEqualTo("postgres");
      assertThat(facts.superuser()).isTrue();
      assertThat(facts.missingPrivileges()).isEmpty();
      assertThat(facts.builtWithSsl()).isTrue();
      assertThat(facts.dataDirectory()).isEqualTo(server.dataDirectory().toString());
      assertThat(facts.hbaFile()).isEqualTo(server.hbaFile().toString());
      assertThat(facts.configFile()).endsWith("postgresql.conf");
      assertThat(facts.managedBy()).isNull();
    }
  }

  @PostgresMajors
  void theStatementsThatAreMissingAreAllThatIsMissing(int major) throws SQLException {
    PostgresServer server = SERVERS.on(major);
    Logins.newRole(server, "\"Plain Role\"");
    var login = Logins.as(server, "Plain Role", "\"Plain Role\"");
    try (PostgresSession session = Logins.CONNECTOR.open(login)) {
      ServerFacts facts = reader.read(session);
      assertThat(facts.superuser()).isFalse();
      assertThat(facts.memberships()).isEmpty();
      assertThat(facts.dataDirectory()).isNull();
      assertThat(facts.missingPrivileges()).isNotEmpty();
      assertThat(facts.missingPrivileges())
          .allSatisfy(statement -> assertThat(statement).contains("\"Plain Role\"").endsWith(";"));
      server.execute(facts.missingPrivileges().toArray(String[]::new));
    }
    try (PostgresSession session = Logins.CONNECTOR.open(login)) {
      assertThat(reader.read(session).missingPrivileges()).isEmpty();
      everythingWorks(server, session);
    }
  }

  private static void everythingWorks(PostgresServer server, PostgresSession session)
      throws SQLException {
    ServerSettings settings = new ServerSettings();
    ServerFiles files = new ServerFiles();
    HbaFile hba = new HbaFile();
    ServerConnections connections = new ServerConnections();
    new SecretSession(Logins.CONNECTOR).quiet(session);
    assertThat(settings.read(session)).containsKeys("hba_file", "ssl_ciphers");
    assertThat(settings.fileErrors(session)).isEmpty();
    settings.alterSystem(session, Map.of("ssl_ca_file", Optional.of("x")));
    settings.alterSystem(session, Map.of("ssl_ca_file", Optional.empty()));
    settings.alterSystem(session, Map.of("primary_conninfo", Optional.empty()));
    settings.reload(session);
    files.createDirectory(session, "pgseal/tls");
    files.replace(
        session, "pgseal/tls/f", "x".getBytes(StandardCharsets.US_ASCII), FileMode.OWNER_ONLY);
    assertThat(files.readSymlink(session, "pgseal/tls/none")).isEmpty();
    assertThat(new SslFiles().diagnose(session, "none.crt", "none.key").faults()).hasSize(2);
    HbaOnDisk onDisk = hba.read(session);
    hba.replace(session, onDisk.content(), onDisk.sha256());
    assertThat(hba.rows(session)).isNotEmpty();
    assertThat(new Replication().primaryConninfo(session)).isEmpty();
    server.execute(
        "DROP ROLE IF EXISTS ordinary", "CREATE ROLE ordinary LOGIN PASSWORD 'ordinary'");
    try (Connection other = server.connect("ordinary", "ordinary", "disable")) {
      ServerConnection seen =
          connections.list(session).stream()
              .filter(connection -> "ordinary".equals(connection.username()))
              .findFirst()
              .orElseThrow();
      assertThat(seen.encryption()).isEqualTo(Encryption.PLAINTEXT);
      assertThat(
              connections.terminate(
                  session, seen.pid(), seen.backendStart(), Duration.ofSeconds(5)))
          .isEqualTo(TerminateResult.TERMINATED);
      assertThat(other.isValid(1)).isFalse();
    }
  }

  @Test
  void predefinedRolesAreListed() {
    PostgresServer server = SERVERS.latest();
    Logins.newRole(server, "monitor");
    server.execute("GRANT pg_monitor TO monitor");
    try (PostgresSession session = Logins.CONNECTOR.open(Logins.as(server, "monitor", "monitor"))) {
      ServerFacts facts = reader.read(session);

      assertThat(facts.memberships())
          .contains("pg_monitor", "pg_read_all_settings", "pg_read_all_stats");
      assertThat(facts.missingPrivileges())
          .contains("GRANT pg_signal_backend TO monitor;")
          .doesNotContain("GRANT pg_read_all_stats TO monitor;");
    }
  }

  @PostgresMajors
  void patroniIsNoticedByItsFileAndByItsSessions(int major) throws Exception {
    PostgresServer server = SERVERS.on(major);
    try (PostgresSession session = Logins.open(server)) {
      try (Connection patroni =
          server.connect(
              PostgresServer.SUPERUSER,
              Map.of(
                  "password", PostgresServer.PASSWORD, "ApplicationName", "Patroni heartbeat"))) {
        assertThat(reader.read(session).managedBy()).isEqualTo("Patroni");
        assertThat(patroni.isValid(1)).isTrue();
      }
      org.awaitility.Awaitility.await().until(() -> reader.read(session).managedBy() == null);
      noticedByFile(server, session);
    }
  }

  private void noticedByFile(PostgresServer server, PostgresSession session) throws IOException {
    var file = server.dataDirectory().resolve("patroni.dynamic.json");
    Files.writeString(file, "{}");
    assertThat(reader.read(session).managedBy()).isEqualTo("Patroni");
    Files.delete(file);
  }
}
