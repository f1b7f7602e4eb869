package dev.pgseal.postgres;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the settings of a server and changes those that a change of TLS needs. */
@ApplicationScoped
public class ServerSettings {

  /** By name, in a fixed order. A passphrase command may hold the passphrase and is masked. */
  public Map<String, ServerSetting> read(PostgresSession session) {
    return read(session, SettingNames.READ);
  }

  private Map<String, ServerSetting> read(PostgresSession session, Collection<String> names) {
    Map<String, ServerSetting> result = new LinkedHashMap<>();
    session
        .query(
            """
            SELECT s.name,
                   CASE WHEN s.name = 'ssl_passphrase_command' AND s.setting <> ''
                        THEN '********' ELSE s.setting END,
                   s.source, s.sourcefile, s.context, s.pending_restart
              FROM unnest(?::text[]) WITH ORDINALITY AS wanted (name, place)
              JOIN pg_settings s USING (name)
             ORDER BY wanted.place
            """,
            row ->
                new ServerSetting(
                    row.getString(1),
                    row.getString(2),
                    row.getString(3),
                    row.getString(4),
                    row.getString(5),
                    row.getBoolean(6)),
            (Object) names.toArray(String[]::new))
        .forEach(setting -> result.put(setting.name(), setting));
    return result;
  }

  /** Errors in the configuration files as they are now; needs a superuser or a grant. */
  public List<SettingsFileError> fileErrors(PostgresSession session) {
    return session.query(
        """
        SELECT sourcefile, sourceline, name, error FROM pg_file_settings
         WHERE error IS NOT NULL ORDER BY seqno
        """,
        row ->
            new SettingsFileError(
                row.getString(1),
                row.getObject(2, Integer.class),
                row.getString(3),
                row.getString(4)));
  }

  /**
   * What {@code postgresql.auto.conf} now says of each name; empty where it says nothing. This is
   * what {@link #alterSystem} takes to put things back.
   *
   * @throws PgsealException {@code FOREIGN_CONFIGURATION_ERROR} while an error in the files hides
   *     the rest of them
   */
  public Map<String, Optional<String>> autoConf(PostgresSession session, Collection<String> names) {
    for (SettingsFileError error : fileErrors(session)) {
      if (error.blocksReload()) {
        throw new PgsealException(
                ProblemType.FOREIGN_CONFIGURATION_ERROR,
                "The settings of " + session.server() + " cannot be read: " + describe(error))
            .hint("Correct the configuration file first; a reload would apply no setting.");
      }
    }
    Map<String, Optional<String>> result = new LinkedHashMap<>();
    names.forEach(name -> result.put(name, Optional.empty()));
    session
        .query(
            """
            SELECT DISTINCT ON (name) name, setting FROM pg_file_settings
             WHERE sourcefile = current_setting('data_directory') || '/postgresql.auto.conf'
               AND name = ANY (?)
             ORDER BY name, seqno DESC
            """,
            row -> Map.entry(row.getString(1), row.getString(2)),
            (Object) names.toArray(String[]::new))
        .forEach(entry -> result.put(entry.getKey(), Optional.of(entry.getValue())));
    return result;
  }

  /**
   * What a setting of type bool would be after a reload: files may say otherwise than what runs.
   * Empty when a reload would not change it, for an error in the files or because it was given on
   * the command line.
   */
  public Optional<Boolean> afterReload(PostgresSession session, String name) {
    if (fileErrors(session).stream().anyMatch(SettingsFileError::blocksReload)) {
      return Optional.empty();
    }
    return session.queryOne(
        """
        SELECT coalesce((SELECT f.setting FROM pg_file_settings f
                          WHERE f.name = s.name AND f.applied), s.boot_val)::boolean
          FROM pg_settings s WHERE s.name = ? AND s.source <> 'command line'
        """,
        row -> row.getBoolean(1),
        name);
  }

  /**
   * Writes {@code postgresql.auto.conf}, one {@code ALTER SYSTEM} per name in the order of the map;
   * it takes effect with {@link #reload}. When one of them is refused, those before it stay
   * written: put them back with what {@link #autoConf} said before.
   *
   * @param values empty for {@code RESET}. {@code primary_conninfo} holds a password and is taken
   *     in a quiet session only ({@link SecretSession}).
   * @throws PgsealException {@code SETTING_NOT_CHANGEABLE} when the server refuses the value or
   *     {@code ALTER SYSTEM} altogether
   */
  public void alterSystem(PostgresSession session, Map<String, Optional<String>> values) {
    values.forEach((name, value) -> requireAllowed(session, name, value));
    values.forEach(
        (name, value) -> {
          try {
            session.executeRaw(statement(session, name, value));
          } catch (SQLException e) {
            throw refused(session, name, e);
          }
        });
  }

  private static void requireAllowed(PostgresSession session, String name, Optional<String> value) {
    if (!SettingNames.CHANGEABLE.contains(name)) {
      throw new IllegalArgumentException(name + " is not a setting that pgseal changes");
    }
    if (name.equals("primary_conninfo") && !session.isQuiet()) {
      throw new IllegalStateException("primary_conninfo needs a quiet session");
    }
    if (value.filter(text -> text.indexOf('\n') >= 0 || text.indexOf('\r') >= 0).isPresent()) {
      throw new PgsealException(
          ProblemType.SETTING_NOT_CHANGEABLE, name + " cannot hold a line break");
    }
  }

  /** The server quotes: nothing of ours is spliced into the text. */
  private static String statement(PostgresSession session, String name, Optional<String> value) {
    String format =
        value.isPresent()
            ? "SELECT format('ALTER SYSTEM SET %I = %L', ?::text, ?::text)"
            : "SELECT format('ALTER SYSTEM RESET %I', ?::text)";
    Object[] binds = value.isPresent() ? new Object[] {name, value.get()} : new Object[] {name};
    return session.queryOne(format, row -> row.getString(1), binds).orElseThrow();
  }

  private static PgsealException refused(PostgresSession session, String name, SQLException e) {
    String state = SqlFaults.state(e);
    if (state.equals("0A000")) {
      return alterSystemOff(session);
    }
    if (state.startsWith("22") || state.equals("42704")) {
      return new PgsealException(
              ProblemType.SETTING_NOT_CHANGEABLE,
              session.server() + " refuses this value of " + name + ": " + SqlFaults.message(e),
              e)
          .with("setting", name)
          .with("sqlState", state);
    }
    return session.problem(e).with("setting", name);
  }

  private static PgsealException alterSystemOff(PostgresSession session) {
    return new PgsealException(
            ProblemType.SETTING_NOT_CHANGEABLE,
            "ALTER SYSTEM is switched off on " + session.server() + " (allow_alter_system)")
        .with("setting", "allow_alter_system")
        .hint(
            "Something else owns the configuration of this server. Set allow_alter_system = on in "
                + "postgresql.conf, or make the change there.");
  }

  /**
   * @throws PgsealException {@code SETTING_NOT_CHANGEABLE} for the first name that {@code ALTER
   *     SYSTEM} and a reload would not change: unknown to this major, given on the command line,
   *     fixed before the start, or {@code allow_alter_system=off}
   */
  public void requireChangeable(PostgresSession session, Collection<String> names) {
    Map<String, ServerSetting> settings = read(session, names);
    for (String name : names) {
      ServerSetting setting = settings.get(name);
      if (setting == null) {
        throw notChangeable(
            session, name, "PostgreSQL " + session.major() + " does not have it (or hides it)");
      }
      if (setting.fixedOnCommandLine()) {
        throw notChangeable(session, name, "it was given on the server's command line")
            .hint("Remove it from the options the server is started with, and restart it.");
      }
      if (setting.context().equals("internal") || setting.context().equals("postmaster")) {
        throw notChangeable(session, name, "it is fixed while the server runs");
      }
    }
    ServerSetting allowed = read(session, List.of("allow_alter_system")).get("allow_alter_system");
    if (allowed != null && "off".equals(allowed.value())) {
      throw alterSystemOff(session);
    }
  }

  private static PgsealException notChangeable(
      PostgresSession session, String name, String reason) {
    return new PgsealException(
            ProblemType.SETTING_NOT_CHANGEABLE,
            name + " of " + session.server() + " cannot be changed: " + reason)
        .with("setting", name);
  }

  /**
   * When the process behind this session last took the settings. Through a fresh session: when the
   * server did. It does not move when an error in the files blocks a reload, and says nothing about
   * pg_hba.conf or TLS.
   */
  public Instant confLoadTime(PostgresSession session) {
    return session
        .queryOne(
            "SELECT pg_conf_load_time()", row -> row.getObject(1, OffsetDateTime.class).toInstant())
        .orElseThrow();
  }

  /**
   * Asks for a reload. That it returns says nothing about what the server took: look from outside,
   * through a connection opened after this call; no waiting is needed.
   */
  public void reload(PostgresSession session) {
    boolean signalled =
        session.queryOne("SELECT pg_reload_conf()", row -> row.getBoolean(1)).orElse(false);
    if (!signalled) {
      throw new PgsealException(
          ProblemType.SERVER_FAULT, session.server() + " could not signal itself to reload");
    }
  }

  private static String describe(SettingsFileError error) {
    String place = error.file() == null ? "" : error.file() + ":" + error.line() + ": ";
    return place + (error.name() == null ? "" : error.name() + ": ") + error.error();
  }
}
