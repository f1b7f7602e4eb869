package dev.pgseal.postgres;

import dev.pgseal.problem.PgsealException;
import jakarta.enterprise.context.ApplicationScoped;
import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The pg_hba.conf on a server's disk: read, judged by PostgreSQL itself, and replaced. What the
 * server has loaded is another matter ({@link WireProbe}).
 */
@ApplicationScoped
public class HbaFile {

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

  /** The main file alone, see {@link #replace(PostgresSession, HbaReplacement)}. */
  public void replace(PostgresSession session, byte[] candidate, String expectedSha256) {
    String path = path(session);
    replace(
        session,
        new HbaReplacement(
            UUID.randomUUID(), Map.of(path, candidate), Map.of(path, expectedSha256)));
  }

  /**
   * Replaces files of the tree, all or none, if they still are what was read and PostgreSQL would
   * load the new ones. Modes are kept; a copy of each previous file stays in {@code
   * <data_directory>/pgseal/hba}, that of the main file as {@code previous.conf}. Nothing is
   * reloaded. Use a quiet session ({@link SecretSession}) when the text may hold LDAP or RADIUS
   * secrets.
   *
   * @throws PgsealException {@code PRECONDITION_FAILED} when a file is another; {@code HBA_INVALID}
   *     (members {@code line}, {@code file}, {@code reason}) when PostgreSQL refuses the new ones;
   *     {@code FILE_NOT_WRITTEN}, also for an included file that is a symbolic link or may not be
   *     written. In each case the old texts are what lies on the disk
   */
  public void replace(PostgresSession session, HbaReplacement replacement) {
    new HbaReplacer(session, path(session)).replace(replacement);
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
