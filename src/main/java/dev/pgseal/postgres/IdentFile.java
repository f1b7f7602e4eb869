package dev.pgseal.postgres;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;

/**
 * The pg_ident.conf on a server's disk. A broken one is not fatal, unlike a broken pg_hba.conf: a
 * reload keeps the old maps, and a start goes on without any (hba.c:load_ident).
 */
@ApplicationScoped
public class IdentFile {

  private static final int FIRST_WITH_VIEW = 15;
  private static final String PREVIOUS = "/pgseal/ident";

  private static final String FIRST_ERROR =
      """
      SELECT line_number, error, to_jsonb(m) ->> 'file_name' AS file_name
        FROM pg_ident_file_mappings m WHERE error IS NOT NULL LIMIT 1
      """;

  private final ServerFiles files;

  public IdentFile(ServerFiles files) {
    this.files = files;
  }

  /** The file as it lies there; empty content when it does not exist. */
  public HbaOnDisk read(PostgresSession session) {
    String path = path(session);
    byte[] content = files.readIfExists(session, path).orElse(new byte[0]);
    return new HbaOnDisk(path, content, Fingerprints.sha256(content), java.util.List.of());
  }

  /**
   * Replaces the file if it still is what was read, and puts it back when PostgreSQL itself would
   * refuse the new one (seen in pg_ident_file_mappings, since 15). A copy of the previous file
   * stays at {@code <data_directory>/pgseal/ident/previous.conf}. Nothing is reloaded.
   *
   * @throws PgsealException {@code PRECONDITION_FAILED}, {@code IDENT_INVALID}, {@code
   *     FILE_NOT_WRITTEN}
   */
  public void replace(PostgresSession session, byte[] candidate, String expectedSha256) {
    HbaOnDisk present = read(session);
    if (!present.sha256().equals(expectedSha256)) {
      throw new PgsealException(
              ProblemType.PRECONDITION_FAILED,
              present.path() + " on " + session.server() + " has changed since it was read")
          .with("etag", present.sha256())
          .hint("Read it again and repeat the change.");
    }
    String directory =
        session
                .queryOne("SELECT current_setting('data_directory')", row -> row.getString(1))
                .orElseThrow()
            + PREVIOUS;
    files.createDirectory(session, directory);
    files.replace(session, directory + "/previous.conf", present.content(), FileMode.OWNER_ONLY);
    files.replace(session, present.path(), candidate, FileMode.KEEP);
    Optional<PgsealException> refused = refusal(session);
    if (refused.isPresent()) {
      files.replace(session, present.path(), present.content(), FileMode.KEEP);
      throw refused.get();
    }
  }

  /** Why PostgreSQL would not load what lies there; empty also where it cannot say (14). */
  public Optional<PgsealException> refusal(PostgresSession session) {
    if (session.major() < FIRST_WITH_VIEW) {
      return Optional.empty();
    }
    return session.queryOne(
        FIRST_ERROR,
        row ->
            new PgsealException(
                    ProblemType.IDENT_INVALID,
                    "%s would not load it (line %d): %s"
                        .formatted(session.server(), row.getInt(1), row.getString(2)))
                .with("line", row.getInt(1))
                .hint("Nothing was changed. Correct this line and send the file again."));
  }

  private static String path(PostgresSession session) {
    return session
        .queryOne("SELECT current_setting('ident_file')", row -> row.getString(1))
        .orElseThrow();
  }
}
