package dev.pgseal.tls;

import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnection;
import java.time.Duration;

/**
 * The lock that a changing operation holds on the managed server itself, in the session through
 * which it works: who lost that session has lost the lock, so it stops a replica that froze and
 * wakes up again.
 *
 * <p>A job that goes on in another replica may find its own earlier session still there: the
 * backend has not noticed that its client is gone, or the client is only frozen. It is given time
 * to end what it has begun, and is then ended, which fences the frozen replica off. The session's
 * name tells which execution of the job it is of: one that wakes up never ends its successor's.
 *
 * <p>Helper sessions, which change something beside the one with the lock, are named for it. Who
 * has got the lock ends those that are there: they are of somebody who has lost it.
 */
final class ChangeLock {

  /** "pgseal" in ASCII. */
  static final long KEY = 0x70677365616cL;

  private static final Duration LET_IT_END = Duration.ofSeconds(2);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(250);

  private static final String HOLDERS =
      """
        FROM pg_locks l JOIN pg_stat_activity a USING (pid)
       WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
         AND (l.classid::bigint << 32) | l.objid::bigint = ?
         AND a.pid <> pg_backend_pid()
      """;

  private static final String HOLDER =
      "SELECT coalesce(a.application_name, 'a session') || ', pid ' || a.pid" + HOLDERS;

  private static final String END_PREDECESSOR =
      "SELECT pg_terminate_backend(a.pid, 2000)"
          + HOLDERS
          + """
         AND a.usename = session_user
         AND CASE WHEN split_part(a.application_name, ' #', 1) = ?
                  THEN split_part(a.application_name, ' #', 2)::bigint <= ? END
      """;

  private static final String END_EARLIER =
      """
      SELECT pg_terminate_backend(pid, 2000) FROM pg_stat_activity
       WHERE usename = session_user AND pid <> pg_backend_pid()
         AND CASE WHEN split_part(application_name, ' #', 1) IN (?, ?)
                  THEN split_part(application_name, ' #', 2)::bigint <= ? END
      """;

  private static final String HELPER = ServerConnection.OF_PGSEAL + " helper of ";

  private static final String HELPERS =
      """
       FROM pg_stat_activity
      WHERE starts_with(application_name, ?) AND usename = session_user
        AND pid <> pg_backend_pid()
      """;

  private static final String END_HELPERS = "SELECT pg_terminate_backend(pid, 2000)" + HELPERS;
  private static final String HELPERS_LEFT = "SELECT count(*)" + HELPERS;

  private ChangeLock() {}

  /**
   * @param owner {@code job/<id>} or {@code request/<id>}; shown as the session's {@code
   *     application_name}
   * @param fence which execution of the job it is; 0 for a request
   * @param patience how long somebody else may keep it before this gives up
   * @return false when somebody else holds it
   */
  static boolean take(PostgresSession session, String owner, long fence, Duration patience) {
    String label = ServerConnection.OF_PGSEAL + " " + owner;
    name(session, label + " #" + fence);
    long start = System.nanoTime();
    GrowingPause between = new GrowingPause(LOOK_AGAIN);
    while (!session.tryAdvisoryLock(KEY) || !endHelpers(session)) {
      Duration waited = Duration.ofNanos(System.nanoTime() - start);
      if (waited.compareTo(patience) >= 0) {
        return false;
      }
      if (waited.compareTo(LET_IT_END) >= 0) {
        session.execute(END_PREDECESSOR, KEY, label, fence);
      }
      between.pause();
    }
    return true;
  }

  /**
   * Ends the sessions of a job's executions up to this one, with the lock and without: for whoever
   * has ended the job and needs the lock no more.
   */
  static void endEarlier(PostgresSession session, String owner, long fence) {
    session.execute(END_EARLIER, ServerConnection.OF_PGSEAL + " " + owner, HELPER + owner, fence);
  }

  /** Who has it, for people. */
  static String holder(PostgresSession session) {
    return session.queryOne(HOLDER, row -> row.getString(1), KEY).orElse("nobody any more");
  }

  /**
   * Names a session as a helper of the one that holds the lock.
   *
   * @param execution {@code job/<id> #<fence>} or {@code request/<id>}
   */
  static void join(PostgresSession helper, String execution) {
    name(helper, HELPER + execution);
  }

  private static void name(PostgresSession session, String name) {
    session.execute("SELECT set_config('application_name', ?, false)", name);
  }

  private static boolean endHelpers(PostgresSession session) {
    session.execute(END_HELPERS, HELPER);
    return session.queryOne(HELPERS_LEFT, row -> row.getLong(1) == 0, HELPER).orElse(false);
  }
}
