package dev.pgseal.postgres;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.postgresql.util.ServerErrorMessage;

/**
 * The pg_hba.conf on a server's disk: read, judged by PostgreSQL itself, and replaced. What the
 * server has loaded is another matter ({@link WireProbe}).
 */
@ApplicationScoped
public class HbaFile {

  private static final String STALE = "PS412";
  private static final String REFUSED = "PS422";
  private static final String WATCHER_SECONDS = "15";
  private static final Pattern SECRET_OPTION =
      Pattern.compile("^(ldapbindpasswd|radiussecrets)=.*", Pattern.DOTALL);

  /** Rules of included files have {@code file_name} since 16; earlier there are no includes. */
  private static final String INCLUDED =
      """
      SELECT DISTINCT to_jsonb(r) ->> 'file_name' FROM pg_hba_file_rules r
       WHERE to_jsonb(r) ->> 'file_name' <> current_setting('hba_file') ORDER BY 1
      """;

  private static final String ROWS =
      """
      SELECT (to_jsonb(r) ->> 'rule_number')::int AS rule_number,
             to_jsonb(r) ->> 'file_name' AS file_name,
             line_number, type, database, user_name, address, netmask, auth_method, options, error
        FROM pg_hba_file_rules r
      """;

  /**
   * Placing, judging and taking back are one statement: a backend ends what it has begun though its
   * client is gone. Should the backend itself be killed in between, a watcher started by the first
   * script puts the old text back (replace-hba.sh). The predicate is {@code type IS NULL}: a
   * refused line may have no error, and a rule with an error may well load.
   */
  private static final String REPLACE =
      """
      DO $do$
      DECLARE
        wrong text;
        place text := '0';
        file text;
      BEGIN
        IF encode(sha256(pg_read_binary_file(current_setting('hba_file'))), 'hex')
            <> current_setting('pgseal.expected') THEN
          RAISE EXCEPTION USING ERRCODE = 'PS412', MESSAGE = 'pg_hba.conf has changed meanwhile';
        END IF;
        %s;
        BEGIN
          SELECT coalesce(r.error, ''), r.line_number::text, to_jsonb(r) ->> 'file_name'
            INTO wrong, place, file
            FROM pg_hba_file_rules r WHERE r.type IS NULL LIMIT 1;
          IF NOT FOUND AND NOT EXISTS (SELECT FROM pg_hba_file_rules) THEN
            wrong := 'the file contains no entries';
          END IF;
        EXCEPTION WHEN query_canceled OR others THEN
          wrong := SQLERRM;
        END;
        IF wrong IS NOT NULL THEN
          %s;
          RAISE EXCEPTION USING ERRCODE = 'PS422', MESSAGE = 'pg_hba.conf would be refused',
            DETAIL = coalesce(place, '0') || ':' || coalesce(file, ''), HINT = '>' || wrong;
        END IF;
        COPY (SELECT current_setting('pgseal.marker')) TO PROGRAM 'read -r file; rm -f "$file"';
      END
      $do$
      """
          .formatted(
              ServerScript.REPLACE_HBA.copy(ScriptRunner.INPUT),
              ServerScript.RESTORE_HBA.copy(
                  "SELECT string_to_table(current_setting('pgseal.restore'), E'\\n')"));

  private final ServerFiles files = new ServerFiles();

  /** The file as it lies there; needs to read {@code hba_file} and {@code pg_hba_file_rules}. */
  public HbaOnDisk read(PostgresSession session) {
    String path = path(session);
    byte[] content = files.read(session, path);
    List<String> included = session.query(INCLUDED, row -> row.getString(1));
    return new HbaOnDisk(path, content, Fingerprints.sha256(content), included);
  }

  /** How PostgreSQL reads the file now; fails when the file is missing. */
  public List<HbaRow> rows(PostgresSession session) {
    return session.query(ROWS, HbaFile::row);
  }

  /**
   * Replaces the file if it still is what was read and PostgreSQL would load the new one. The mode
   * is kept; a copy of the previous file stays at {@code
   * <data_directory>/pgseal/hba/previous.conf}. Nothing is reloaded. Use a quiet session ({@link
   * SecretSession}) when the text may hold LDAP or RADIUS secrets.
   *
   * @param expectedSha256 of the content that is to be replaced
   * @throws PgsealException {@code PRECONDITION_FAILED} when the file is another; {@code
   *     HBA_INVALID} (members {@code line}, {@code file}, {@code reason}) when PostgreSQL refuses
   *     the new one, {@code FILE_NOT_WRITTEN}. In each case the old text is what lies on the disk
   */
  public void replace(PostgresSession session, byte[] candidate, String expectedSha256) {
    if (candidate.length > ServerFiles.MAX_BYTES) {
      throw new PgsealException(ProblemType.PAYLOAD_TOO_LARGE, "pg_hba.conf is larger than 16 MiB");
    }
    String path = path(session);
    String marker = "./pgseal/hba/unjudged-" + UUID.randomUUID();
    try {
      setting(session, "pgseal.expected", expectedSha256);
      setting(session, "pgseal.marker", marker);
      setting(
          session,
          "pgseal.restore",
          new ScriptInput().header(path).header(expectedSha256).header(marker).text());
      new ScriptRunner(session)
          .runRaw(
              REPLACE,
              new ScriptInput()
                  .header(path)
                  .header(expectedSha256)
                  .header(marker)
                  .header(WATCHER_SECONDS)
                  .checkedContent(candidate));
    } catch (SQLException e) {
      throw problem(session, path, e);
    }
  }

  private static void setting(PostgresSession session, String name, String value)
      throws SQLException {
    session.executeRaw("SELECT set_config(?, ?, false)", name, value);
  }

  private static PgsealException problem(PostgresSession session, String path, SQLException e) {
    String state = SqlFaults.state(e);
    ScriptFailure failure = ScriptFailure.of(e);
    if (state.equals(STALE) || (failure != null && failure.is(ScriptStage.CHANGED))) {
      return new PgsealException(
              ProblemType.PRECONDITION_FAILED,
              path + " on " + session.server() + " has changed since it was read",
              e)
          .hint("Read it again and repeat the change.");
    }
    ServerErrorMessage server = SqlFaults.serverMessage(e);
    if (state.equals(REFUSED) && server != null) {
      return refused(session, path, server, e);
    }
    return failure == null
        ? session.problem(e)
        : failure.problem(session.server(), path + " cannot be replaced", e);
  }

  private static PgsealException refused(
      PostgresSession session, String path, ServerErrorMessage server, SQLException cause) {
    String[] place = String.valueOf(server.getDetail()).split(":", 2);
    int line = Integer.parseInt(place[0]);
    String file = place.length < 2 || place[1].isEmpty() ? path : place[1];
    String said = String.valueOf(server.getHint()).substring(1);
    String reason = said.isEmpty() ? "PostgreSQL refuses this line without saying why" : said;
    String where = line > 0 ? file + ", line " + line : file;
    return new PgsealException(
            ProblemType.HBA_INVALID,
            session.server() + " would not load it (" + where + "): " + reason,
            cause)
        .with("line", line)
        .with("file", file)
        .with("reason", reason)
        .hint("Nothing was changed. Correct this line and send the file again.");
  }

  /** As {@code hba_file} names it. */
  public String path(PostgresSession session) {
    return session
        .queryOne("SELECT current_setting('hba_file')", row -> row.getString(1))
        .orElseThrow();
  }

  private static HbaRow row(ResultSet row) throws SQLException {
    return new HbaRow(
        row.getObject("rule_number", Integer.class),
        row.getString("file_name"),
        row.getInt("line_number"),
        row.getString("type"),
        strings(row.getArray("database")),
        strings(row.getArray("user_name")),
        row.getString("address"),
        row.getString("netmask"),
        row.getString("auth_method"),
        strings(row.getArray("options")).stream()
            .map(option -> SECRET_OPTION.matcher(option).replaceAll("$1=********"))
            .toList(),
        row.getString("error"));
  }

  private static List<String> strings(@Nullable Array array) throws SQLException {
    return array == null ? List.of() : Arrays.asList((String[]) array.getArray());
  }
}
