package dev.pgseal.tls;

import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.Replication;
import dev.pgseal.postgres.ServerFiles;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Writes a standby's {@code primary_conninfo} and puts it back byte for byte, and lets no password
 * reach a log on the way.
 *
 * <p>Forwards the password moves into a passfile first. Backwards it has to come back into the
 * string, and the postmaster logs a changed string: so {@code log_min_messages} is {@code fatal}
 * from the reload before to the reload behind, for some hundredths of a second. A server whose
 * logging cannot be silenced keeps the passfile.
 */
final class ConninfoChange {

  private static final String CONNINFO = "primary_conninfo";
  private static final String LOGGING = "log_min_messages";

  private static final String IN_OTHER_FILES =
      """
      SELECT setting FROM pg_file_settings
       WHERE name = 'primary_conninfo'
         AND sourcefile <> current_setting('data_directory') || '/postgresql.auto.conf'
       ORDER BY seqno DESC LIMIT 1
      """;

  private final Replication replication;
  private final ServerSettings settings;
  private final StreamFiles files;
  private final StreamOrigin origin;
  private final PrimaryPassfile passfile;

  ConninfoChange(Replication replication, ServerSettings settings, ServerFiles files) {
    this.replication = replication;
    this.settings = settings;
    this.files = new StreamFiles(files);
    this.origin = new StreamOrigin(files);
    this.passfile = new PrimaryPassfile(this.files);
  }

  ReplicationTls.Undo prepareUndo(PostgresSession standby) {
    Map<String, Optional<String>> autoConf = settings.autoConf(standby, Set.of(CONNINFO, LOGGING));
    return new ReplicationTls.Undo(
        autoConf.getOrDefault(CONNINFO, Optional.empty()),
        autoConf.getOrDefault(LOGGING, Optional.empty()),
        files.read(standby));
  }

  /** The text that counts; empty when there is none. */
  String present(PostgresSession standby) {
    return replication.primaryConninfo(standby).orElse("");
  }

  /** {@code wanted} without its password, which lies in the passfile then. */
  PrimaryConninfo withoutPassword(ServerUnderChange standby, PrimaryConninfo wanted) {
    if (wanted.get("password").isEmpty()) {
      return wanted;
    }
    return passfile.keep(standby.session(), wanted);
  }

  /**
   * PEM of what the standby is to verify its upstream with.
   *
   * @return the path for {@code sslrootcert}
   */
  String writeTrust(PostgresSession standby, String pem) {
    files.write(standby, Map.of(StreamFiles.TRUST, pem));
    return ReplicationTls.trustFile(standby);
  }

  /** Remembers what was and writes {@code wanted}, which has no password; reloads. */
  void write(ServerUnderChange standby, PrimaryConninfo wanted) {
    ReplicationTls.Undo before = prepareUndo(standby.session());
    PostgresSession session = standby.session();
    origin.remember(session, present(session), before.autoConf(), wanted);
    alter(standby, Optional.of(wanted.text()), before.logging());
  }

  /** What was there before pgseal wrote what is there now. */
  Optional<StreamOrigin.Before> before(PostgresSession standby) {
    return origin.of(standby, present(standby));
  }

  /**
   * The text that putting back {@code autoConf} would make count; empty when none would.
   *
   * @param autoConf for postgresql.auto.conf
   */
  Optional<PrimaryConninfo> effective(PostgresSession standby, Optional<String> autoConf) {
    return autoConf
        .or(() -> standby.queryOne(IN_OTHER_FILES, row -> row.getString(1)))
        .filter(text -> !text.isBlank())
        .map(PrimaryConninfo::parse);
  }

  /**
   * String, logging and files as they were.
   *
   * @return true when the string that counts changed
   */
  boolean putBack(ServerUnderChange standby, ReplicationTls.Undo undo) {
    String present = present(standby.session());
    files.write(standby.session(), undo.files());
    ReplicationTls.Undo now = prepareUndo(standby.session());
    boolean exact = true;
    if (!now.autoConf().equals(undo.autoConf())) {
      exact = alter(standby, undo.autoConf(), undo.logging());
    } else {
      restoreLogging(standby, now.logging(), undo.logging());
      standby.reload();
    }
    if (exact) {
      files.keepOnly(standby.session(), undo.files());
    }
    try (PostgresSession fresh = standby.fresh()) {
      return !present.equals(present(fresh));
    }
  }

  /** An earlier run may have been stopped between the two reloads. */
  private void restoreLogging(
      ServerUnderChange standby, Optional<String> now, Optional<String> wanted) {
    if (!now.equals(wanted)) {
      settings.alterSystem(standby.session(), Map.of(LOGGING, wanted));
    }
  }

  /**
   * Reloads as well.
   *
   * @param logging what postgresql.auto.conf is to say of log_min_messages in the end
   * @return false when the password stays in the passfile, since the log cannot be silenced
   */
  boolean alter(ServerUnderChange standby, Optional<String> value, Optional<String> logging) {
    boolean secret =
        effective(standby.session(), value).filter(PrimaryConninfo::holdsSecret).isPresent();
    if (!secret) {
      set(standby, value);
      restoreLogging(standby, prepareUndo(standby.session()).logging(), logging);
      standby.reload();
      return true;
    }
    if (!silence(standby)) {
      set(
          standby,
          effective(standby.session(), value).map(c -> withoutPassword(standby, c).text()));
      standby.reload();
      return false;
    }
    try {
      set(standby, value);
      reloadAndSee(standby);
    } finally {
      settings.alterSystem(standby.session(), Map.of(LOGGING, logging));
      standby.reload();
    }
    return true;
  }

  /** False when the server does not let us. */
  private boolean silence(ServerUnderChange standby) {
    try {
      settings.requireChangeable(standby.session(), List.of(LOGGING));
      settings.alterSystem(standby.session(), Map.of(LOGGING, Optional.of("fatal")));
      reloadAndSee(standby);
      return true;
    } catch (PgsealException e) {
      if (e.type() == ProblemType.SETTING_NOT_CHANGEABLE
          || e.type() == ProblemType.PRIVILEGE_MISSING) {
        return false;
      }
      throw e;
    }
  }

  /** A connection that is opened after a reload is judged by the settings that it brought. */
  private static void reloadAndSee(ServerUnderChange standby) {
    standby.reload();
    standby.fresh().close();
  }

  private void set(ServerUnderChange standby, Optional<String> value) {
    settings.alterSystem(standby.session(), Map.of(CONNINFO, value));
  }
}
