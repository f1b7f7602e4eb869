package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class ServerSettingsTest {

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  private final ServerSettings settings = new ServerSettings();

  @PostgresMajors
  void whatTheMajorHasIsRead(int major) {
    try (PostgresSession session = Logins.open(SERVERS.on(major))) {
      Map<String, ServerSetting> read = settings.read(session);

      assertThat(read.get("ssl").value()).isIn("on", "off");
      assertThat(read.get("ssl_cert_file").value()).isEqualTo("server.crt");
      assertThat(read.get("hba_file").value()).isEqualTo(SERVERS.on(major).hbaFile().toString());
      assertThat(read.get("ssl_library").value()).isEqualTo("OpenSSL");
      assertThat(read.containsKey("allow_alter_system")).isEqualTo(major >= 17);
      assertThat(read.containsKey("ssl_groups")).isEqualTo(major >= 18);
      assertThat(read.get("port").source()).isEqualTo("configuration file");
    }
  }

  @PostgresMajors
  void awkwardValuesAreWrittenAndPutBack(int major) {
    String awkward = "it's \\ \"quoted\", with $1 and ? in /a dir/server.crt";
    try (PostgresSession session = Logins.open(SERVERS.on(major))) {
      List<String> names = List.of("ssl_cert_file", "ssl_key_file");
      Map<String, Optional<String>> before = settings.autoConf(session, names);

      settings.alterSystem(session, Map.of("ssl_cert_file", Optional.of(awkward)));

      assertThat(settings.autoConf(session, names))
          .containsEntry("ssl_cert_file", Optional.of(awkward))
          .containsEntry("ssl_key_file", Optional.empty());

      settings.alterSystem(session, before);

      assertThat(settings.autoConf(session, names)).isEqualTo(before);
    }
  }

  @PostgresMajors
  void aReloadIsSeenByAFreshSession(int major) {
    PostgresServer server = SERVERS.on(major);
    Instant before;
    try (PostgresSession session = Logins.open(server)) {
      before = settings.confLoadTime(session);
      settings.alterSystem(session, Map.of("wal_retrieve_retry_interval", Optional.of("7s")));
      settings.reload(session);
    }
    try (PostgresSession fresh = Logins.open(server)) {
      assertThat(settings.confLoadTime(fresh)).isAfter(before);
      assertThat(settings.read(fresh).get("wal_retrieve_retry_interval").value()).isEqualTo("7000");
      settings.alterSystem(fresh, Map.of("wal_retrieve_retry_interval", Optional.empty()));
    }
  }

  @Test
  void onlySettingsOnTheListAreChanged() {
    try (PostgresSession session = Logins.open(SERVERS.latest())) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () ->
                  settings.alterSystem(
                      session, Map.of("shared_preload_libraries", Optional.of("x"))));
    }
  }

  @Test
  void aPasswordInPrimaryConninfoNeedsAQuietSession() {
    PostgresServer server = SERVERS.latest();
    Map<String, Optional<String>> change =
        Map.of("primary_conninfo", Optional.of("host=h password=the-secret"));
    try (PostgresSession session = Logins.open(server)) {
      assertThatIllegalStateException().isThrownBy(() -> settings.alterSystem(session, change));
    }
    server.execute("ALTER SYSTEM SET log_statement = 'all'", "SELECT pg_reload_conf()");
    try (PostgresSession session = Logins.quiet(server)) {
      settings.alterSystem(session, change);
      settings.alterSystem(session, Map.of("primary_conninfo", Optional.empty()));
    } finally {
      server.execute("ALTER SYSTEM RESET log_statement", "SELECT pg_reload_conf()");
    }
    assertThat(server.log()).contains("log_statement").doesNotContain("the-secret");
  }

  @PostgresMajors
  void aValueTheServerRefusesIsTold(int major) {
    try (PostgresSession session = Logins.open(SERVERS.on(major))) {
      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class,
              () ->
                  settings.alterSystem(
                      session, Map.of("ssl_min_protocol_version", Optional.of("SSLv2"))));

      assertThat(problem.type()).isEqualTo(ProblemType.SETTING_NOT_CHANGEABLE);
      assertThat(problem.members()).containsEntry("setting", "ssl_min_protocol_version");
      assertThat(problem.detail()).contains("SSLv2");
    }
  }

  @Test
  void aLineBreakIsRefused() {
    try (PostgresSession session = Logins.open(SERVERS.latest())) {
      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class,
              () ->
                  settings.alterSystem(
                      session, Map.of("ssl_ca_file", Optional.of("a\nssl = off"))));

      assertThat(problem.type()).isEqualTo(ProblemType.SETTING_NOT_CHANGEABLE);
    }
  }

  @PostgresMajors
  void aSettingOnTheCommandLineIsNotChangeable(int major) {
    try (PostgresServer server =
            PostgresServer.builder(major).commandLineSetting("ssl", "off").start();
        PostgresSession session = Logins.open(server)) {
      settings.requireChangeable(session, List.of("ssl_cert_file"));

      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class,
              () -> settings.requireChangeable(session, List.of("ssl_cert_file", "ssl")));

      assertThat(problem.type()).isEqualTo(ProblemType.SETTING_NOT_CHANGEABLE);
      assertThat(problem.members()).containsEntry("setting", "ssl");
      assertThat(problem.detail()).contains("command line");
    }
  }

  @Test
  void aServerThatForbidsAlterSystemIsTold() {
    try (PostgresServer server =
            PostgresServer.builder(18).setting("allow_alter_system", "off").start();
        PostgresSession session = Logins.open(server)) {
      for (var attempt :
          List.<Runnable>of(
              () -> settings.requireChangeable(session, List.of("ssl")),
              () -> settings.alterSystem(session, Map.of("ssl", Optional.of("on"))))) {
        PgsealException problem = catchThrowableOfType(PgsealException.class, attempt::run);

        assertThat(problem.type()).isEqualTo(ProblemType.SETTING_NOT_CHANGEABLE);
        assertThat(problem.members()).containsEntry("setting", "allow_alter_system");
      }
    }
  }

  @Test
  void aSettingTheMajorDoesNotHaveIsNotChangeable() {
    try (PostgresSession session = Logins.open(SERVERS.on(14))) {
      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class,
              () -> settings.requireChangeable(session, List.of("ssl_groups")));

      assertThat(problem.detail()).contains("PostgreSQL 14 does not have it");
    }
  }

  @PostgresMajors
  void somebodyElsesErrorIsShownWithItsPlace(int major) throws IOException {
    try (PostgresServer server = PostgresServer.start(major);
        PostgresSession session = Logins.open(server)) {
      assertThat(settings.fileErrors(session)).isEmpty();

      Files.writeString(
          server.dataDirectory().resolve("postgresql.conf"),
          "\nno_such_setting = on\n",
          StandardOpenOption.APPEND);

      List<SettingsFileError> errors = settings.fileErrors(session);
      assertThat(errors).hasSize(1);
      assertThat(errors.get(0).name()).isEqualTo("no_such_setting");
      assertThat(errors.get(0).file()).endsWith("postgresql.conf");
      assertThat(errors.get(0).line()).isPositive();
      assertThat(errors.get(0).blocksReload()).isTrue();
      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class, () -> settings.autoConf(session, List.of("ssl")));
      assertThat(problem.type()).isEqualTo(ProblemType.FOREIGN_CONFIGURATION_ERROR);
      assertThat(problem.detail()).contains("no_such_setting");
    }
  }

  @PostgresMajors
  void aSettingThatWaitsForARestartBlocksNoReload(int major) {
    try (PostgresServer server = PostgresServer.start(major);
        PostgresSession session = Logins.open(server)) {
      server.execute("ALTER SYSTEM SET max_connections = 60");
      settings.reload(session);

      assertThat(settings.fileErrors(session))
          .allSatisfy(error -> assertThat(error.blocksReload()).isFalse())
          .anySatisfy(error -> assertThat(error.name()).isEqualTo("max_connections"));
    }
  }
}
