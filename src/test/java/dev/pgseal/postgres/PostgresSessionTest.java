package dev.pgseal.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.testing.PostgresMajors;
import dev.pgseal.testing.PostgresServer;
import dev.pgseal.testing.SharedPostgres;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class PostgresSessionTest {

  @RegisterExtension static final SharedPostgres SERVERS = new SharedPostgres();

  @PostgresMajors
  void knowsWhatItIsConnectedTo(int major) {
    try (PostgresSession session = Logins.open(SERVERS.on(major))) {
      assertThat(session.major()).isEqualTo(major);
      assertThat(session.pid())
          .isEqualTo(
              session.queryOne("SELECT pg_backend_pid()", row -> row.getInt(1)).orElseThrow());
      assertThat(session.encrypted()).isFalse();
      assertThat(session.isUsable()).isTrue();
    }
  }

  @Test
  void bindsArriveAsTheyAre() {
    Instant time = Instant.parse("2026-02-03T04:05:06.123456Z");
    String awkward = "it's $1 ? \\ \n \"quoted\"";
    try (PostgresSession session = Logins.open(SERVERS.latest())) {
      session.query(
          "SELECT ?::text, ?::timestamptz, ?::bytea, ?::text[], ?::text",
          row -> {
            assertThat(row.getString(1)).isEqualTo(awkward);
            assertThat(row.getObject(2, OffsetDateTime.class).toInstant()).isEqualTo(time);
            assertThat(row.getBytes(3)).containsExactly(0, 1, -1);
            assertThat(Arrays.asList((String[]) row.getArray(4).getArray()))
                .containsExactly("a", "b,c");
            assertThat(row.getString(5)).isNull();
            return "seen";
          },
          awkward,
          time,
          new byte[] {0, 1, -1},
          new String[] {"a", "b,c"},
          null);
    }
  }

  @Test
  void noRowAndNullAreBothEmpty() {
    try (PostgresSession session = Logins.open(SERVERS.latest())) {
      assertThat(session.queryOne("SELECT 1 WHERE false", row -> row.getString(1))).isEmpty();
      assertThat(session.queryOne("SELECT NULL::text", row -> row.getString(1))).isEmpty();
      assertThat(session.query("SELECT generate_series(1, 3)", row -> row.getInt(1)))
          .containsExactly(1, 2, 3);
    }
  }

  @PostgresMajors
  void aMissingPrivilegeIsNamed(int major) {
    PostgresServer server = SERVERS.on(major);
    try (PostgresSession session = Logins.CONNECTOR.open(Logins.newRole(server, "nobody"))) {
      PgsealException problem =
          catchThrowableOfType(
              PgsealException.class, () -> session.execute("SELECT pg_reload_conf()"));

      assertThat(problem.type()).isEqualTo(ProblemType.PRIVILEGE_MISSING);
      assertThat(problem.detail()).contains("pg_reload_conf");
      assertThat(problem.members()).containsKey("hint");
    }
  }

  @Test
  void anErrorOfTheServerHasItsSqlStateAndNeverTheBinds() {
    try (PostgresSession session = Logins.open(SERVERS.latest())) {
      assertThatExceptionOfType(PgsealException.class)
          .isThrownBy(() -> session.execute("SELECT 1 / length(substr(?, 1, 0))", "the-secret"))
          .satisfies(
              problem -> {
                assertThat(problem.type()).isEqualTo(ProblemType.SERVER_FAULT);
                assertThat(problem.detail()).contains("22012").contains("division by zero");
                assertThat(problem).hasStackTraceContaining("division by zero");
                assertThat(problem.toString() + problem.getCause()).doesNotContain("the-secret");
              });
    }
  }

  @Test
  void aLostConnectionIsUnreachable() {
    PostgresServer server = SERVERS.latest();
    try (PostgresSession session = Logins.open(server)) {
      server.query("SELECT pg_terminate_backend(" + session.pid() + ", 5000)");

      assertThatExceptionOfType(PgsealException.class)
          .isThrownBy(() -> session.execute("SELECT 1"))
          .satisfies(
              problem -> assertThat(problem.type()).isEqualTo(ProblemType.SERVER_UNREACHABLE));
      assertThat(session.isUsable()).isFalse();
    }
  }

  @PostgresMajors
  void anAdvisoryLockExcludesOthersAndGoesWithItsSession(int major) {
    PostgresServer server = SERVERS.on(major);
    try (PostgresSession other = Logins.open(server)) {
      try (PostgresSession session = Logins.open(server)) {
        assertThat(session.tryAdvisoryLock(42)).isTrue();
        assertThat(other.tryAdvisoryLock(42)).isFalse();
        server.query("SELECT pg_terminate_backend(" + session.pid() + ", 5000)");
      }
      assertThat(other.tryAdvisoryLock(42)).isTrue();
    }
  }

  @Test
  void functionsLeftInAWritableSchemaAreNotCalled() {
    PostgresServer server = SERVERS.on(PostgresMajors.OLDEST);
    server.execute(
        """
        CREATE FUNCTION public.format(text, text, text) RETURNS text LANGUAGE sql
          AS $$ SELECT 'trapped' $$""");

    try (PostgresSession session = Logins.open(server)) {
      assertThat(
              session.queryOne(
                  "SELECT format('%s-%s', ?::text, ?::text)", row -> row.getString(1), "a", "b"))
          .contains("a-b");
    }
  }

  @PostgresMajors
  void timeoutsOfTheRoleDoNotEndOurStatements(int major) {
    PostgresServer server = SERVERS.on(major);
    Logins.newRole(server, "hasty");
    server.execute(
        "ALTER ROLE hasty SET statement_timeout = '1s'",
        "ALTER ROLE hasty SET lock_timeout = '1s'",
        "ALTER ROLE hasty SET default_transaction_read_only = on",
        "ALTER ROLE hasty SET idle_session_timeout = '1s'");

    try (PostgresSession session = Logins.CONNECTOR.open(Logins.as(server, "hasty", "hasty"))) {
      assertThat(
              session.query(
                  """
                  SELECT current_setting(name) FROM unnest(?::text[]) AS name
                  """,
                  row -> row.getString(1),
                  (Object)
                      new String[] {
                        "statement_timeout",
                        "lock_timeout",
                        "idle_session_timeout",
                        "default_transaction_read_only"
                      }))
          .containsExactly("0", "0", "0", "off");
    }
  }
}
