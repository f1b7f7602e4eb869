package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class SecretSessionTest {

  /** Everything that can talk does. */
  @RegisterExtension
  static final SharedPostgres TALKATIVE =
      new SharedPostgres(
          builder ->
              builder
                  .preload("pg_stat_statements", "auto_explain")
                  .setting("log_statement", "all")
                  .setting("log_min_duration_statement", "0")
                  .setting("log_duration", "on")
                  .setting("log_parameter_max_length", "-1")
                  .setting("log_parameter_max_length_on_error", "-1")
                  .setting("log_min_error_statement", "debug5")
                  .setting("log_min_messages", "debug1")
                  .setting("debug_print_parse", "on")
                  .setting("debug_print_plan", "on")
                  .setting("pg_stat_statements.track", "all")
                  .setting("auto_explain.log_min_duration", "0")
                  .setting("auto_explain.log_nested_statements", "on")
                  .setting("track_activity_query_size", "65536"));

  private static final SecretSession SECRETS = new SecretSession(Logins.CONNECTOR);

  private final ServerFiles files = new ServerFiles();

  /** The lines of a key that give it away, and the same as they travel. */
  private static List<String> tellTales(String key) {
    List<String> lines = key.lines().filter(line -> !line.startsWith("-----")).toList();
    String travelling =
        Base64.getMimeEncoder(76, new byte[] {'\n'})
            .encodeToString(key.getBytes(StandardCharsets.US_ASCII));
    return java.util.stream.Stream.concat(
            lines.stream(), travelling.lines().filter(line -> line.length() == 76))
        .map(line -> line.substring(0, Math.min(40, line.length())))
        .toList();
  }

  @PostgresMajors
  void noLineOfAKeyIsLoggedOrShown(int major) {
    PostgresServer server = TALKATIVE.on(major);
    server.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements");
    String key = TestIdentity.forName("db").key();
    List<String> tellTales = tellTales(key);
    assertThat(tellTales).hasSizeGreaterThan(3);
    byte[] content = key.getBytes(StandardCharsets.US_ASCII);

    try (PostgresSession session = SECRETS.openQuiet(Logins.superuser(server))) {
      files.replace(session, "secret.key", content, FileMode.OWNER_ONLY);
      // the ways of failing log too
      catchThrowableOfType(
          PgsealException.class,
          () -> files.replace(session, "no/such/secret.key", content, FileMode.OWNER_ONLY));
      catchThrowableOfType(
          PgsealException.class, () -> session.execute("SELECT ?::text, 1 / 0", key));

      assertThat(server.query("SELECT query FROM pg_stat_activity WHERE pid = " + session.pid()))
          .isEmpty();
    }

    String log = server.log();
    String statements = server.query("SELECT string_agg(query, E'\\n') FROM pg_stat_statements");
    assertThat(log).as("the log does talk").contains("LOG:  execute", "log_statement");
    for (String tellTale : tellTales) {
      assertThat(log.contains(tellTale)).as("log shows %s", tellTale).isFalse();
      assertThat(statements).doesNotContain(tellTale);
    }
    assertThat(log).doesNotContain("BEGIN PRIVATE KEY");
  }

  /** Else the test above would pass on a server that logs nothing. */
  @Test
  void aSessionThatIsNotQuietWouldGiveItAway() {
    PostgresServer server = TALKATIVE.latest();
    try (PostgresSession session = Logins.open(server)) {
      session.execute("SELECT length(?)", "a-value-that-gives-itself-away");
    }
    assertThat(server.log()).contains("a-value-that-gives-itself-away");
  }

  @PostgresMajors
  void aRoleThatMayNotSilenceItsLogIsToldWhich(int major) {
    PostgresServer server = TALKATIVE.on(major);

    PgsealException problem =
        catchThrowableOfType(
            PgsealException.class, () -> SECRETS.openQuiet(Logins.newRole(server, "loud")).close());

    assertThat(problem.type()).isEqualTo(ProblemType.PRIVILEGE_MISSING);
    assertThat(problem.members()).containsEntry("setting", "log_statement");
  }

  @Test
  void extensionsThatAreNotThereAreNoHindrance() {
    try (PostgresServer server = PostgresServer.start(PostgresMajors.OLDEST);
        PostgresSession session = SECRETS.openQuiet(Logins.superuser(server))) {
      assertThat(session.isQuiet()).isTrue();
      assertThat(
              session.queryOne("SELECT current_setting('track_activities')", r -> r.getString(1)))
          .contains("off");
    }
  }
}
