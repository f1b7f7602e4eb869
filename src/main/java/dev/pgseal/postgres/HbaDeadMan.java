package dev.pgseal.postgres;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.List;
import java.util.UUID;

/**
 * Confirm or revert: before files of the hba tree are replaced, a watcher on the server's host is
 * given their present texts. Unless it is told in time that the new ones proved themselves, it puts
 * the old ones back and signals the postmaster, whatever became of pgseal or of the network.
 *
 * <p>The watcher restores only what is still the candidate: a text that somebody else wrote
 * meanwhile stays. It and {@link #confirm} contend for one rename, so that exactly one of them
 * wins. Both leave nothing behind. A watcher does not survive a restart of the host, and a server's
 * start reads the files as they lie there.
 */
@ApplicationScoped
public class HbaDeadMan {

  private static final String DIRECTORY = "pgseal/hba";
  private static final String UNCONFIRMED = "unconfirmed-";

  private static final String LEFT =
      "SELECT name FROM pg_ls_dir(?, true, false) AS name WHERE starts_with(name, ?) ORDER BY 1";

  /**
   * A file that is about to be replaced.
   *
   * @param path as PostgreSQL names it
   * @param previousSha256 of what lies there now, lower-case hex
   * @param candidateSha256 of what will be written
   */
  public record Watched(String path, String previousSha256, String candidateSha256) {}

  /** A watcher that waits for its confirmation. */
  public record Armed(String marker) {}

  /**
   * Starts the watcher.
   *
   * @param within time to confirm, counted from now in whole seconds, at least one
   * @throws dev.pgseal.problem.PgsealException {@code FILE_NOT_WRITTEN} when the host cannot do it
   *     or a file is another already; nothing is left then
   */
  public Armed arm(PostgresSession session, List<Watched> files, Duration within) {
    String marker = "./" + DIRECTORY + "/" + UNCONFIRMED + UUID.randomUUID();
    ScriptInput input =
        new ScriptInput()
            .header(marker)
            .header(Long.toString(Math.max(1, within.toSeconds())))
            .header(Integer.toString(files.size()));
    for (Watched file : files) {
      input.header(file.path()).header(file.previousSha256()).header(file.candidateSha256());
    }
    new ScriptRunner(session)
        .run(
            ServerScript.ARM_HBA,
            "The watcher that would take the rules back cannot be started",
            input.checkedContent(ServerScript.REVERT_HBA.text()));
    return new Armed(marker);
  }

  /**
   * Sends the watcher home.
   *
   * @return false when it was too late: the previous files are back, or on their way
   */
  public boolean confirm(PostgresSession session, Armed armed) {
    return new ScriptRunner(session)
        .test(
            ServerScript.CONFIRM_HBA,
            "The new rules cannot be confirmed",
            new ScriptInput().header(armed.marker()),
            ScriptStage.CONFIRMED_TOO_LATE);
  }

  /** Watchers that were armed and neither confirmed nor have done their work. */
  public List<Armed> unconfirmed(PostgresSession session) {
    return session.query(LEFT, row -> row.getString(1), DIRECTORY, UNCONFIRMED).stream()
        .filter(name -> name.length() == UNCONFIRMED.length() + 36)
        .map(name -> new Armed("./" + DIRECTORY + "/" + name))
        .toList();
  }
}
