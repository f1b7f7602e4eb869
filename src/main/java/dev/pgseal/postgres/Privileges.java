package dev.pgseal.postgres;

import java.util.ArrayList;
import java.util.List;

/**
 * What pgseal needs of a role that is not a superuser, as statements to paste. On 14 there is no
 * way around a superuser: {@code ALTER SYSTEM} and the settings of logging can be granted since 15.
 */
final class Privileges {

  private static final List<String> ROLES =
      List.of(
          "pg_read_all_settings",
          "pg_read_all_stats",
          "pg_signal_backend",
          "pg_execute_server_program",
          "pg_read_server_files");

  private static final List<String> FUNCTIONS =
      List.of(
          "pg_reload_conf()",
          "pg_hba_file_rules()",
          "pg_show_all_file_settings()",
          "pg_read_binary_file(text,bigint,bigint,boolean)",
          "pg_read_binary_file(text)",
          "pg_stat_file(text,boolean)");

  private static final List<String> VIEWS = List.of("pg_hba_file_rules", "pg_file_settings");

  private static final String MISSING_ROLES =
      """
      SELECT format('GRANT %I TO %I;', name, current_user) FROM unnest(?::text[]) AS name
       WHERE NOT pg_has_role(current_user, name, 'USAGE')
      """;

  /** The names come from the lists above and are shown as they are; only the role is quoted. */
  private static final String MISSING_FUNCTIONS =
      """
      SELECT format('GRANT EXECUTE ON FUNCTION pg_catalog.%s TO %I;', name, current_user)
        FROM unnest(?::text[]) AS name
       WHERE NOT has_function_privilege(current_user, 'pg_catalog.' || name, 'EXECUTE')
      """;

  private static final String MISSING_VIEWS =
      """
      SELECT format('GRANT SELECT ON pg_catalog.%I TO %I;', name, current_user)
        FROM unnest(?::text[]) AS name
       WHERE NOT has_table_privilege(current_user, 'pg_catalog.' || name, 'SELECT')
      """;

  /** Not by way of {@code pg_settings}: it hides some settings from those who may not see them. */
  private static final String MISSING_PARAMETERS =
      """
      SELECT format('GRANT %s ON PARAMETER %s TO %I;', wanted.privilege,
                    string_agg(quote_ident(name), ', ' ORDER BY name), current_user)
        FROM (SELECT ?::text AS privilege) AS wanted, unnest(?::text[]) AS name
       WHERE NOT has_parameter_privilege(current_user, name, wanted.privilege)
       GROUP BY wanted.privilege
      """;

  private Privileges() {}

  /** Empty when nothing is missing. Not to be asked for a superuser. */
  static List<String> missing(PostgresSession session) {
    if (session.major() < 15) {
      return session.query(
          "SELECT format('ALTER ROLE %I SUPERUSER;', current_user)", row -> row.getString(1));
    }
    List<String> missing = new ArrayList<>();
    missing.addAll(statements(session, MISSING_ROLES, ROLES));
    missing.addAll(statements(session, MISSING_FUNCTIONS, FUNCTIONS));
    missing.addAll(statements(session, MISSING_VIEWS, VIEWS));
    missing.addAll(
        statements(
            session,
            MISSING_PARAMETERS,
            "ALTER SYSTEM",
            SettingNames.changeable(session.major()).toArray(String[]::new)));
    missing.addAll(
        statements(
            session, MISSING_PARAMETERS, "SET", SecretSession.RESTRICTED.toArray(String[]::new)));
    return missing;
  }

  private static List<String> statements(PostgresSession session, String sql, List<String> names) {
    return statements(session, sql, (Object) names.toArray(String[]::new));
  }

  private static List<String> statements(PostgresSession session, String sql, Object... binds) {
    return session.query(sql, row -> row.getString(1), binds);
  }
}
