package dev.pgseal.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedStartTest {

  @TempDir Path parent;

  @Test
  void theFirstStartMakesWhatLaterStartsFind() throws Exception {
    Map<String, String> first;
    try (EmbeddedStart start = EmbeddedStart.in(directory())) {
      first = start.properties();
      assertThat(start.firstStart()).isTrue();
      query(first, "CREATE TABLE kept AS SELECT 1");
    }

    try (EmbeddedStart start = EmbeddedStart.in(directory())) {
      assertThat(start.firstStart()).isFalse();
      assertThat(start.properties())
          .containsEntry("pgseal.keyset-file", first.get("pgseal.keyset-file"))
          .containsEntry("pgseal.bootstrap-token", first.get("pgseal.bootstrap-token"));
      query(start.properties(), "SELECT * FROM kept");
    }
  }

  @Test
  void secretsAreReadableForTheOwnerAloneAndCommitsAreSynced() throws Exception {
    try (EmbeddedStart start = EmbeddedStart.in(directory())) {
      assertThat(Files.getPosixFilePermissions(directory()))
          .isEqualTo(PosixFilePermissions.fromString("rwx------"));
      for (String secret : new String[] {"keyset.json", "admin-token", "database-password"}) {
        assertThat(Files.getPosixFilePermissions(directory().resolve(secret)))
            .as(secret)
            .isEqualTo(PosixFilePermissions.fromString("rw-------"));
      }
      query(start.properties(), "SELECT 1 / (current_setting('fsync') = 'on')::int");
    }
  }

  @Test
  void aWrongPasswordDoesNotOpenTheControlDatabase() throws Exception {
    try (EmbeddedStart start = EmbeddedStart.in(directory())) {
      String url = start.properties().get("quarkus.datasource.jdbc.url");

      assertThatThrownBy(() -> DriverManager.getConnection(url, "pgseal", "guess").close())
          .isInstanceOfSatisfying(
              SQLException.class, e -> assertThat(e.getSQLState()).isEqualTo("28P01"));
    }
  }

  @Test
  void aDirectoryInUseIsRefusedAndItsDatabaseLeftAlone() throws Exception {
    try (EmbeddedStart start = EmbeddedStart.in(directory())) {
      assertThatThrownBy(() -> EmbeddedStart.in(directory()).close())
          .isInstanceOf(StartRefusedException.class)
          .hasMessageContaining("in use by another running pgseal")
          .hasMessageContaining("pgseal.data-directory");
      query(start.properties(), "SELECT 1");
    }
  }

  @Test
  void anInterruptedFirstStartIsCompleted() throws Exception {
    Files.createDirectories(directory().resolve("postgres.new/base"));
    Files.writeString(directory().resolve("admin-token"), "pgseal_from_the_first_attempt\n");

    try (EmbeddedStart start = EmbeddedStart.in(directory())) {
      assertThat(start.firstStart()).isTrue();
      assertThat(start.properties())
          .containsEntry("pgseal.bootstrap-token", "pgseal_from_the_first_attempt");
    }
  }

  @Test
  void aLostKeySetStopsTheStart() throws Exception {
    EmbeddedStart.in(directory()).close();
    Files.delete(directory().resolve("keyset.json"));

    assertThatThrownBy(() -> EmbeddedStart.in(directory()).close())
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("keyset.json is missing");
    assertThat(directory().resolve("postgres/postmaster.pid")).doesNotExist();
  }

  @Test
  void anAdminTokenThatWasTakenAwayIsNotMadeAnew() throws Exception {
    EmbeddedStart.in(directory()).close();
    Files.delete(directory().resolve("admin-token"));

    try (EmbeddedStart start = EmbeddedStart.in(directory())) {
      assertThat(start.properties()).doesNotContainKey("pgseal.bootstrap-token");
    }
  }

  @Test
  void aPlaceThatIsNoDirectoryIsNamed() throws Exception {
    Files.writeString(parent.resolve("file"), "");

    assertThatThrownBy(() -> EmbeddedStart.in(parent.resolve("file/data")).close())
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining(parent.resolve("file/data") + " cannot be used");
  }

  private Path directory() {
    return parent.resolve("data");
  }

  private static void query(Map<String, String> properties, String sql) throws SQLException {
    try (Connection connection =
            DriverManager.getConnection(
                properties.get("quarkus.datasource.jdbc.url"),
                properties.get("quarkus.datasource.username"),
                properties.get("quarkus.datasource.password"));
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
