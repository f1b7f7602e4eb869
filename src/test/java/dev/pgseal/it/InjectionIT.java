package dev.pgseal.it;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Names that would be commands if somebody took them for commands. */
class InjectionIT {

  private static final String MARK = "pgseal_was_here";
  private static final String SHELL = "$(touch " + MARK + ");`touch " + MARK + "`|touch " + MARK;
  private static final String SQL = "'; create role " + MARK + "; --";

  @RegisterExtension
  static final SharedPostgres SERVERS =
      new SharedPostgres(builder -> builder.authenticationTimeout(Duration.ofMinutes(1)));

  private final PostgresServer postgres = SERVERS.latest();
  private final String server = "injection-" + UUID.randomUUID().toString().substring(0, 8);

  @BeforeEach
  void register() {
    Application.shared();
    given().body(registration(server)).post("/v1/servers").then().statusCode(201);
  }

  @Test
  void aRuleWithCommandsInItsNamesIsWrittenAsItIsAndRunsNothing() throws IOException {
    String rule = "host \"" + SHELL + "\" \"" + SQL + "\" 192.0.2.1/32 reject";

    given()
        .header("If-Match", given().get("/v1/servers/" + server + "/hba").header("ETag"))
        .body(Map.of("rule", rule))
        .post("/v1/servers/" + server + "/hba/rules")
        .then()
        .statusCode(200);

    // its columns are those of its neighbours
    assertThat(postgres.hba().replaceAll(" +", " ")).contains(rule);
    assertNothingRan();
  }

  @Test
  void aSessionWithCommandsInItsNamesIsListedAndEndedAndRunsNothing()
      throws SQLException, IOException {
    postgres.execute(
        "create role \"" + SQL.replace("\"", "\"\"") + "\" superuser login password 'x'");
    Properties login = new Properties();
    login.setProperty("user", SQL);
    login.setProperty("password", "x");
    login.setProperty("ApplicationName", SHELL.substring(0, 40));
    login.setProperty("sslmode", "disable");
    String url = "jdbc:postgresql://%s:%d/postgres".formatted(postgres.host(), postgres.port());
    try (Connection session = DriverManager.getConnection(url, login)) {
      given()
          .urlEncodingEnabled(false)
          .body(Map.of("username", SQL, "applicationName", SHELL.substring(0, 40)))
          .post("/v1/servers/" + server + "/connections:terminate")
          .then()
          .statusCode(200)
          .body("terminated", org.hamcrest.Matchers.equalTo(1));
      assertThat(session.isValid(1)).isFalse();
    }
    assertNothingRan();
  }

  @Test
  void namesOfServersAuthoritiesAndHostsThatAreCommandsAreRefused() throws IOException {
    for (String name : List.of(SHELL, SQL, "../../etc/passwd", "a\nb")) {
      given().body(registration(name)).post("/v1/servers").then().statusCode(400);
      given().body(Map.of("name", name)).post("/v1/authorities").then().statusCode(400);
      given()
          .body(Map.of("authority", "none", "endpoints", List.of(name)))
          .post("/v1/servers/" + server + "/certificates")
          .then()
          .statusCode(400);
    }
    assertNothingRan();
  }

  private Map<String, Object> registration(String name) {
    return Map.of(
        "name",
        name,
        "host",
        postgres.host(),
        "port",
        postgres.port(),
        "username",
        PostgresServer.SUPERUSER,
        "password",
        PostgresServer.PASSWORD);
  }

  private void assertNothingRan() throws IOException {
    try (Stream<Path> files = Files.walk(postgres.dataDirectory())) {
      assertThat(files.filter(file -> file.endsWith(MARK))).isEmpty();
    }
    assertThat(postgres.query("select count(*) from pg_roles where rolname = '" + MARK + "'"))
        .isEqualTo("0");
  }
}
