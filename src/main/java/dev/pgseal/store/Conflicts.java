package dev.pgseal.store;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Who is changing a server: an unfinished job, or the holder of its lock. */
final class Conflicts {

  private Conflicts() {}

  /**
   * @param owner {@code job/<id>} or {@code request/<id>}
   * @param operation for people
   */
  record Holder(String owner, String operation) {

    PgsealException conflict(String server) {
      return new PgsealException(
              ProblemType.OPERATION_IN_PROGRESS,
              "Server %s is being changed by %s: %s".formatted(server, owner, operation))
          .hint(
              owner.startsWith("job/")
                  ? "Wait for the job to end, or cancel it: POST /v1/jobs/%s:cancel"
                      .formatted(owner.substring("job/".length()))
                  : "Wait until it has ended and try again")
          .with("server", server)
          .with("holder", owner)
          .with("operation", operation);
    }
  }

  static Optional<Holder> unfinishedJob(Handle handle, UUID serverId) {
    return unfinishedJob(handle, serverId, true);
  }

  /** One that does something; not one that waits for a person or a window, maybe for weeks. */
  static Optional<Holder> activeJob(Handle handle, UUID serverId) {
    return unfinishedJob(handle, serverId, false);
  }

  private static Optional<Holder> unfinishedJob(Handle handle, UUID serverId, boolean waitingToo) {
    return handle
        .createQuery(
            """
            select 'job/' || j.id as owner,
                   j.kind || ' of ' || j.requested_by || ' (' || j.state || ')' as operation
            from job_server s join job j on j.id = s.job_id
            where s.server_id = :server and s.unfinished
              and (:waitingToo or j.state not in ('AWAITING_APPROVAL', 'PAUSED')
                and not exists (select from job_step t
                  where t.job_id = j.id and t.kind = 'WINDOW' and t.state = 'RUNNING'))
            """)
        .bind("server", serverId)
        .bind("waitingToo", waitingToo)
        .map((row, context) -> new Holder(row.getString("owner"), row.getString("operation")))
        .findOne();
  }

  static Optional<Holder> lockHolder(Handle handle, UUID serverId) {
    return handle
        .createQuery(
            """
            select owner, operation from server_lock
            where server_id = :server and expires_at > clock_timestamp()
            """)
        .bind("server", serverId)
        .map((row, context) -> new Holder(row.getString("owner"), row.getString("operation")))
        .findOne();
  }

  /**
   * The server's name; until the transaction ends nobody else gets past here for this server, so
   * that who looks for conflicts sees all of them.
   */
  static String lockServer(Handle handle, UUID serverId) {
    return handle
        .createQuery("select name from server where id = :id for no key update")
        .bind("id", serverId)
        .mapTo(String.class)
        .findOne()
        .orElseThrow(
            () ->
                new PgsealException(
                    ProblemType.NOT_FOUND, "The server " + serverId + " was deleted"));
  }
}
