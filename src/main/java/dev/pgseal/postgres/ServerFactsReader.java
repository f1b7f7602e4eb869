package dev.pgseal.postgres;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads {@link ServerFacts}; asks only what every role may ask, and says what ours may not. */
@ApplicationScoped
public class ServerFactsReader {

  /** A setting that is hidden from our role has no row in {@code pg_settings}. */
  private static final String FACTS =
      """
      SELECT current_setting('server_version') AS version,
             pg_is_in_recovery() AS in_recovery,
             current_user AS role,
             (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS superuser,
             ARRAY(SELECT rolname::text FROM pg_roles
                    WHERE rolname LIKE 'pg\\_%' AND pg_has_role(current_user, oid, 'USAGE')
                    ORDER BY 1) AS memberships,
             coalesce((SELECT setting FROM pg_settings WHERE name = 'ssl_library'), '') AS library,
             (SELECT setting FROM pg_settings WHERE name = 'data_directory') AS data_directory,
             (SELECT setting FROM pg_settings WHERE name = 'hba_file') AS hba_file,
             (SELECT setting FROM pg_settings WHERE name = 'config_file') AS config_file
      """;

  /** Patroni's own connections name themselves so (patroni/postgresql/connection.py). */
  private static final String PATRONI =
      "SELECT count(*) FROM pg_stat_activity WHERE application_name LIKE 'Patroni%'";

  /** As {@link ServerFacts#missingPrivileges}, without the rest. */
  public List<String> missingPrivileges(PostgresSession session) {
    boolean superuser =
        session
            .queryOne(
                "SELECT rolsuper FROM pg_roles WHERE rolname = current_user",
                row -> row.getBoolean(1))
            .orElseThrow();
    return superuser ? List.of() : Privileges.missing(session);
  }

  public ServerFacts read(PostgresSession session) {
    ServerFacts facts =
        session
            .queryOne(
                FACTS,
                row ->
                    new ServerFacts(
                        row.getString("version"),
                        session.major(),
                        row.getBoolean("in_recovery"),
                        null,
                        row.getString("role"),
                        row.getBoolean("superuser"),
                        List.of((String[]) row.getArray("memberships").getArray()),
                        List.of(),
                        row.getString("library"),
                        row.getString("data_directory"),
                        row.getString("hba_file"),
                        row.getString("config_file"),
                        null))
            .orElseThrow();
    return new ServerFacts(
        facts.version(),
        facts.major(),
        facts.inRecovery(),
        unlessForbidden(
                () ->
                    session.queryOne(
                        "SELECT system_identifier::text FROM pg_control_system()",
                        row -> row.getString(1)))
            .orElse(null),
        facts.role(),
        facts.superuser(),
        facts.memberships(),
        facts.superuser() ? List.of() : Privileges.missing(session),
        facts.sslLibrary(),
        facts.dataDirectory(),
        facts.hbaFile(),
        facts.configFile(),
        managedBy(session));
  }

  /** As {@link ServerFacts#managedBy}, without the rest. */
  public @Nullable String managedBy(PostgresSession session) {
    long sessions = session.queryOne(PATRONI, row -> row.getLong(1)).orElse(0L);
    Optional<Boolean> file =
        unlessForbidden(
            () ->
                session.queryOne(
                    "SELECT (pg_stat_file('patroni.dynamic.json', true)).size IS NOT NULL",
                    row -> row.getBoolean(1)));
    return sessions > 0 || file.orElse(false) ? "Patroni" : null;
  }

  /** One fact of a server. */
  @FunctionalInterface
  private interface Fact<T> {
    Optional<T> read();
  }

  private static <T> Optional<T> unlessForbidden(Fact<T> fact) {
    try {
      return fact.read();
    } catch (PgsealException e) {
      if (e.type() == ProblemType.PRIVILEGE_MISSING) {
        return Optional.empty();
      }
      throw e;
    }
  }
}
