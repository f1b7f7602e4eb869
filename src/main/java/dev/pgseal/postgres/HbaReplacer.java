package dev.pgseal.postgres;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.io.ByteArrayOutputStream;
import java.sql.SQLException;
import java.util.Comparator;
import java.util.List;
import org.postgresql.util.ServerErrorMessage;

/** Replaces files of the hba tree in one statement, see {@link HbaFile#replace}. */
final class HbaReplacer {

  private static final String STALE = "PS412";
  private static final String REFUSED = "PS422";
  private static final String WATCHER_SECONDS = "15";
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * Placing, judging and taking back are one statement: a backend ends what it has begun though its
   * client is gone. Should the backend itself be killed in between, a watcher started by the first
   * script puts the old texts back (replace-hba.sh). The predicate is {@code type IS NULL}: a
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
        SELECT path INTO file
          FROM json_each_text(current_setting('pgseal.expected')::json) AS e (path, hash)
         WHERE encode(sha256(pg_read_binary_file(path, 0, %d, true)), 'hex') IS DISTINCT FROM hash
         LIMIT 1;
        IF FOUND THEN
          RAISE EXCEPTION USING ERRCODE = 'PS412', MESSAGE = 'pg_hba.conf has changed meanwhile',
            DETAIL = file;
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
              ServerFiles.MAX_BYTES + 1,
              ServerScript.REPLACE_HBA.copy(ScriptRunner.INPUT),
              ServerScript.RESTORE_HBA.copy(
                  "SELECT string_to_table(current_setting('pgseal.restore'), E'\\n')"));

  private final PostgresSession session;
  private final String mainPath;

  HbaReplacer(PostgresSession session, String mainPath) {
    this.session = session;
    this.mainPath = mainPath;
  }

  void replace(HbaReplacement replacement) {
    if (replacement.contents().values().stream().mapToLong(content -> content.length).sum()
        > ServerFiles.MAX_BYTES) {
      throw new PgsealException(ProblemType.PAYLOAD_TOO_LARGE, "pg_hba.conf is larger than 16 MiB");
    }
    includedFirst(replacement).stream()
        .filter(path -> !path.equals(mainPath))
        .forEach(this::requireReplaceable);
    try {
      setting("pgseal.expected", json(replacement));
      setting("pgseal.marker", marker(replacement));
      setting("pgseal.restore", restoreInput(replacement).text());
      new ScriptRunner(session).runRaw(REPLACE, replaceInput(replacement, WATCHER_SECONDS));
    } catch (SQLException e) {
      throw problem(e);
    }
  }

  /** The input of {@code replace-hba.sh}; the main file comes last. */
  ScriptInput replaceInput(HbaReplacement replacement, String watcherSeconds) {
    List<String> paths = includedFirst(replacement);
    ScriptInput input =
        new ScriptInput()
            .header(marker(replacement))
            .header(watcherSeconds)
            .header(Integer.toString(paths.size()));
    var all = new ByteArrayOutputStream();
    for (int i = 0; i < paths.size(); i++) {
      byte[] content = replacement.contents().get(paths.get(i));
      input
          .header(paths.get(i))
          .header(copy(paths.get(i), i))
          .header(replacement.expected().get(paths.get(i)))
          .header(Integer.toString(content.length))
          .header(Fingerprints.sha256(content));
      all.writeBytes(content);
    }
    return input.checkedContent(all.toByteArray());
  }

  private ScriptInput restoreInput(HbaReplacement replacement) {
    List<String> paths = includedFirst(replacement);
    ScriptInput input =
        new ScriptInput().header(marker(replacement)).header(Integer.toString(paths.size()));
    for (int i = 0; i < paths.size(); i++) {
      input
          .header(paths.get(i))
          .header(copy(paths.get(i), i))
          .header(replacement.expected().get(paths.get(i)))
          .header(Fingerprints.sha256(replacement.contents().get(paths.get(i))));
    }
    return input;
  }

  private static String marker(HbaReplacement replacement) {
    return "./" + HbaReplacement.marker(replacement.id());
  }

  /** Where the previous text is kept: a name that an administrator knows for the main file. */
  private String copy(String path, int index) {
    return path.equals(mainPath)
        ? "./pgseal/hba/previous.conf"
        : "./pgseal/hba/previous-" + (index + 1) + ".conf";
  }

  private List<String> includedFirst(HbaReplacement replacement) {
    return replacement.contents().keySet().stream()
        .sorted(Comparator.<String, Boolean>comparing(mainPath::equals).thenComparing(path -> path))
        .toList();
  }

  /** What lies behind a link, and a file that is read-only, belong to somebody else. */
  private void requireReplaceable(String path) {
    new ScriptRunner(session)
        .run(
            ServerScript.CHECK_REPLACEABLE,
            path + " cannot be replaced",
            new ScriptInput().header(path));
  }

  private static String json(HbaReplacement replacement) {
    try {
      return JSON.writeValueAsString(replacement.expected());
    } catch (JsonProcessingException e) {
      throw new IllegalStateException(e);
    }
  }

  private void setting(String name, String value) throws SQLException {
    session.executeRaw("SELECT set_config(?, ?, false)", name, value);
  }

  private PgsealException problem(SQLException e) {
    String state = SqlFaults.state(e);
    ScriptFailure failure = ScriptFailure.of(e);
    ServerErrorMessage server = SqlFaults.serverMessage(e);
    if (state.equals(STALE) || (failure != null && failure.is(ScriptStage.CHANGED))) {
      String changed = state.equals(STALE) && server != null ? server.getDetail() : mainPath;
      return new PgsealException(
              ProblemType.PRECONDITION_FAILED,
              changed + " on " + session.server() + " has changed since it was read",
              e)
          .hint("Read it again and repeat the change.");
    }
    if (state.equals(REFUSED) && server != null) {
      return refused(server, e);
    }
    return failure == null
        ? session.problem(e)
        : failure.problem(session.server(), mainPath + " cannot be replaced", e);
  }

  private PgsealException refused(ServerErrorMessage server, SQLException cause) {
    String[] place = String.valueOf(server.getDetail()).split(":", 2);
    int line = Integer.parseInt(place[0]);
    String file = place.length < 2 || place[1].isEmpty() ? mainPath : place[1];
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
}
