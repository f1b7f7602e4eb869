package dev.pgseal.postgres;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.LoginTarget;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Sessions through which a private key or a password may pass: the server neither logs their
 * statements and parameters nor shows them in {@code pg_stat_activity} or {@code
 * pg_stat_statements}.
 */
@ApplicationScoped
public class SecretSession {

  /**
   * PostgreSQL's own: all must be taken, or the session is not quiet. Those of a later major are
   * not there in an earlier one. {@code log_statement} first: until then the others are logged.
   */
  private static final Map<String, String> OWN = new LinkedHashMap<>();

  /**
   * Settings of extensions. Where the extension is not loaded they become placeholders; where a
   * loaded module does not know the name the error is of no account.
   */
  private static final Map<String, String> EXTENSIONS = new LinkedHashMap<>();

  static {
    OWN.put("log_statement", "none");
    OWN.put("log_min_duration_statement", "-1");
    OWN.put("log_min_duration_sample", "-1");
    OWN.put("log_transaction_sample_rate", "0");
    OWN.put("log_duration", "off");
    OWN.put("log_min_error_statement", "panic");
    OWN.put("log_parameter_max_length", "0");
    OWN.put("log_parameter_max_length_on_error", "0");
    OWN.put("track_activities", "off");
    OWN.put("debug_print_parse", "off");
    OWN.put("debug_print_rewritten", "off");
    OWN.put("debug_print_plan", "off");
    OWN.put("debug_print_raw_parse", "off");
    EXTENSIONS.put("pg_stat_statements.track", "none");
    EXTENSIONS.put("pg_stat_statements.track_utility", "off");
    EXTENSIONS.put("auto_explain.log_min_duration", "-1");
    EXTENSIONS.put("pgaudit.log", "none");
    EXTENSIONS.put("pgaudit.log_parameter", "off");
  }

  /** Those of PostgreSQL's own that a role which is no superuser must be granted (PGC_SUSET). */
  static final List<String> RESTRICTED =
      OWN.keySet().stream().filter(name -> !name.startsWith("debug_print")).toList();

  /** All of these at once; an error in one leaves all as they were. */
  private static final String ALL =
      "SELECT set_config(s.name, v.value, false) FROM (VALUES %s) v (name, value) JOIN pg_settings s USING (name)"
              .formatted(values(OWN))
          + " UNION ALL SELECT set_config(name, value, false) FROM (VALUES %s) v (name, value)"
              .formatted(values(EXTENSIONS));

  private static String values(Map<String, String> constants) {
    return constants.entrySet().stream()
        .map(e -> "('%s', '%s')".formatted(e.getKey(), e.getValue()))
        .collect(Collectors.joining(", "));
  }

  private final PostgresConnector connector;

  @Inject
  public SecretSession(PostgresConnector connector) {
    this.connector = connector;
  }

  /** A fresh session, quiet from its first statement of ours on. Not pooled. */
  public PostgresSession openQuiet(LoginTarget target) {
    PostgresSession session = connector.open(target);
    try {
      return quiet(session);
    } catch (RuntimeException e) {
      session.close();
      throw e;
    }
  }

  /**
   * Makes this session quiet.
   *
   * @return the same session
   * @throws PgsealException {@code PRIVILEGE_MISSING} when the role may not switch its own logging
   *     off (a superuser may; 15 and newer: {@code GRANT SET ON PARAMETER})
   */
  public PostgresSession quiet(PostgresSession session) {
    if (!setAtOnce(session)) {
      OWN.forEach((name, value) -> setOwn(session, name, value));
      EXTENSIONS.forEach((name, value) -> setIfPossible(session, name, value));
    }
    session.becameQuiet();
    return session;
  }

  /**
   * All in one statement, of which nothing is secret.
   *
   * @return false when one was not taken, and then none
   */
  private static boolean setAtOnce(PostgresSession session) {
    try {
      session.executeRaw(ALL);
      return true;
    } catch (SQLException e) {
      if (!session.isUsable()) {
        throw session.problem(e);
      }
      return false;
    }
  }

  private static void setOwn(PostgresSession session, String name, String value) {
    try {
      session.execute(
          "SELECT set_config(name, ?, false) FROM pg_settings WHERE name = ?", value, name);
    } catch (PgsealException e) {
      if (e.type() != ProblemType.PRIVILEGE_MISSING) {
        throw e;
      }
      throw new PgsealException(
              ProblemType.PRIVILEGE_MISSING,
              "The login of "
                  + session.server()
                  + " may not set "
                  + name
                  + ", so a private key could show up in the server's log",
              e)
          .with("setting", name)
          .hint("Use a superuser, or (15 and newer) GRANT SET ON PARAMETER " + name + ".");
    }
  }

  private static void setIfPossible(PostgresSession session, String name, String value) {
    try {
      session.executeRaw("SELECT set_config(?, ?, false)", name, value);
    } catch (SQLException e) {
      if (!session.isUsable()) {
        throw session.problem(e);
      }
    }
  }
}
