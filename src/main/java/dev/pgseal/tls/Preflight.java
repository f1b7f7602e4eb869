package dev.pgseal.tls;

import dev.pgseal.postgres.HbaFile;
import dev.pgseal.postgres.HbaRow;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerFactsReader;
import dev.pgseal.postgres.ServerSetting;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.postgres.SettingsFileError;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;

/**
 * What must hold before anything is changed: each check refuses early and names the cure.
 *
 * <p>A reload applies whatever lies in the files, ours or not (postmaster.c:
 * process_pm_reload_request): so files with somebody else's errors are refused, not reloaded.
 */
@ApplicationScoped
public class Preflight {

  private static final int OLDEST = 14;

  private static final List<String> SSL_SETTINGS =
      List.of("ssl", "ssl_cert_file", "ssl_key_file", "ssl_ca_file", "ssl_min_protocol_version");

  private final ServerSettings settings;
  private final ServerFactsReader facts;
  private final RequiredPrivileges privileges;
  private final HbaFile hbaFile;

  public Preflight(
      ServerSettings settings,
      ServerFactsReader facts,
      RequiredPrivileges privileges,
      HbaFile hbaFile) {
    this.settings = settings;
    this.facts = facts;
    this.privileges = privileges;
    this.hbaFile = hbaFile;
  }

  /** All that must hold before {@code ssl} or a certificate is changed. */
  public void forSsl(PostgresSession session) {
    forReload(session);
    Map<String, ServerSetting> now = settings.read(session);
    requireSslBuild(now);
    requireChangeable(now);
    requireOwnership(session);
  }

  /** All that must hold before the rules are changed. */
  public void forRules(PostgresSession session) {
    forReload(session);
    requireOwnership(session);
  }

  /** All that must hold before the postmaster is told to reload. */
  public void forReload(PostgresSession session) {
    requireVersion(session);
    privileges.require(session);
    requireCleanSettingsFiles(session);
    requireLoadableRules(session);
  }

  private static void requireVersion(PostgresSession session) {
    if (session.major() < OLDEST) {
      throw new PgsealException(
              ProblemType.UNSUPPORTED_SERVER,
              "PostgreSQL " + session.major() + " is older than " + OLDEST)
          .hint("Upgrade the server to a supported major version");
    }
  }

  private void requireCleanSettingsFiles(PostgresSession session) {
    List<SettingsFileError> errors =
        settings.fileErrors(session).stream().filter(SettingsFileError::blocksReload).toList();
    if (!errors.isEmpty()) {
      SettingsFileError first = errors.get(0);
      throw new PgsealException(
              ProblemType.FOREIGN_CONFIGURATION_ERROR,
              "The configuration files hold an error, a reload would not be applied as a whole: %s, line %s: %s"
                  .formatted(first.file(), first.line(), first.error()))
          .with("errors", errors)
          .hint(
              "Mend the line, then try again; SELECT * FROM pg_file_settings WHERE error IS NOT NULL");
    }
  }

  private void requireLoadableRules(PostgresSession session) {
    List<HbaRow> refused = hbaFile.rows(session).stream().filter(HbaRow::refused).toList();
    if (!refused.isEmpty()) {
      HbaRow first = refused.get(0);
      throw new PgsealException(
              ProblemType.FOREIGN_CONFIGURATION_ERROR,
              "pg_hba.conf holds a line that PostgreSQL refuses, so no reload takes the file: line %d: %s"
                  .formatted(
                      first.line(),
                      first.error() == null ? "PostgreSQL does not say why" : first.error()))
          .with("line", first.line())
          .hint("Mend the line, or PUT a whole new file to …/hba");
    }
  }

  private static void requireSslBuild(Map<String, ServerSetting> now) {
    ServerSetting library = now.get("ssl_library");
    if (library == null || library.value() == null || library.value().isEmpty()) {
      throw new PgsealException(
              ProblemType.UNSUPPORTED_SERVER, "This PostgreSQL was built without SSL")
          .hint("Install a build with OpenSSL (SHOW ssl_library must say OpenSSL)");
    }
    ServerSetting sni = now.get("ssl_sni");
    if (sni != null && "on".equals(sni.value())) {
      throw new PgsealException(
              ProblemType.UNSUPPORTED_SERVER,
              "ssl_sni is on: pg_hosts.conf decides the certificates, ssl_cert_file is ignored")
          .hint("Turn ssl_sni off, or manage the certificates in pg_hosts.conf by hand");
    }
  }

  private static void requireChangeable(Map<String, ServerSetting> now) {
    ServerSetting alterSystem = now.get("allow_alter_system");
    if (alterSystem != null && "off".equals(alterSystem.value())) {
      throw new PgsealException(
              ProblemType.SETTING_NOT_CHANGEABLE,
              "allow_alter_system is off: settings of this server are managed elsewhere")
          .hint("Set allow_alter_system=on in postgresql.conf and reload");
    }
    for (String name : SSL_SETTINGS) {
      ServerSetting setting = now.get(name);
      if (setting != null && setting.fixedOnCommandLine()) {
        throw new PgsealException(
                ProblemType.SETTING_NOT_CHANGEABLE,
                name
                    + " was given on the command line: ALTER SYSTEM would be accepted and change nothing")
            .with("setting", name)
            .hint("Restart the server without -c " + name + " (see postmaster.opts)");
      }
    }
  }

  private void requireOwnership(PostgresSession session) {
    String owner = facts.managedBy(session);
    if (owner != null) {
      throw new PgsealException(
              ProblemType.SETTING_NOT_CHANGEABLE,
              owner + " manages this server and would write its own files over ours")
          .with("managedBy", owner)
          .hint("Change ssl and pg_hba in the configuration of " + owner);
    }
  }
}
