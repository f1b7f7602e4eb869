package dev.pgseal.postgres;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

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

  private static final String DIRECTORY = "./pgseal/hba/";
  private static final String POINTER = "pgseal/hba/unconfirmed";

  /** A name of our own making and no other goes into a script that removes what it names. */
  private static final Pattern MARKER = Pattern.compile("\\./pgseal/hba/unconfirmed-[0-9a-f-]{36}");

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
   * @throws PgsealException {@code FILE_NOT_WRITTEN} when the host cannot do it, {@code
   *     PRECONDITION_FAILED} when a file is another already; nothing is left then
   */
  public Armed arm(PostgresSession session, List<Watched> files, Duration within) {
    String marker = DIRECTORY + "unconfirmed-" + UUID.randomUUID();
    ScriptInput input =
        new ScriptInput()
            .header(marker)
            .header(Long.toString(Math.max(1, within.toSeconds())))
            .header(Integer.toString(files.size()));
    for (Watched file : files) {
      input.header(file.path()).header(file.previousSha256()).header(file.candidateSha256());
    }
    boolean armed =
        new ScriptRunner(session)
            .test(
                ServerScript.ARM_HBA,
                "The watcher that would take the rules back cannot be started",
                input.checkedContent(ServerScript.REVERT_HBA.text()),
                ScriptStage.CHANGED);
    if (!armed) {
      throw new PgsealException(
              ProblemType.PRECONDITION_FAILED,
              "The rules on " + session.server() + " have changed since they were read")
          .hint("Read them again and repeat the change.");
    }
    return new Armed(marker);
  }

  /**
   * Sends the watcher home.
   *
   * @return false when it was too late: the previous files are back, or on their way
   */
  public boolean confirm(PostgresSession session, Armed armed) {
    return end(session, armed, "");
  }

  /** Lets the files be as they are, also when the watcher has begun and cannot finish. */
  public void abandon(PostgresSession session, Armed armed) {
    end(session, armed, "yes");
  }

  private static boolean end(PostgresSession session, Armed armed, String abandon) {
    return new ScriptRunner(session)
        .test(
            ServerScript.CONFIRM_HBA,
            "The new rules cannot be confirmed",
            new ScriptInput().header(armed.marker()).header(abandon),
            ScriptStage.CONFIRMED_TOO_LATE);
  }

  /** The watcher that was armed last and neither was sent home nor has done its work. */
  public Optional<Armed> unconfirmed(PostgresSession session) {
    return session
        .queryOne("SELECT pg_read_binary_file(?, 0, 1000, true)", row -> row.getBytes(1), POINTER)
        .map(marker -> new Armed(new String(marker, StandardCharsets.UTF_8)))
        .filter(armed -> MARKER.matcher(armed.marker()).matches());
  }
}
