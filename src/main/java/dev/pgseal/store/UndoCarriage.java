package dev.pgseal.store;

import dev.pgseal.job.CarriedUndo;
import dev.pgseal.job.JobDraft;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Secrets;
import java.util.Set;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Undo that one job takes over from another: sealed anew, for its place is part of the seal. */
final class UndoCarriage {

  private final Handle handle;
  private final Secrets secrets;

  UndoCarriage(Handle handle, Secrets secrets) {
    this.handle = handle;
    this.secrets = secrets;
  }

  /**
   * @param job has reserved its servers already: nothing begins there any more
   * @throws PgsealException {@code ILLEGAL_STATE}
   */
  void carry(JobDraft draft, UUID job) {
    draft.undos().forEach((position, undo) -> carry(undo, job, position));
  }

  private void carry(CarriedUndo undo, UUID job, int position) {
    requireUntouched(undo);
    byte[] sealed =
        handle
            .createQuery("select undo from job_step where job_id = :job and position = :position")
            .bind("job", undo.job())
            .bind("position", undo.position())
            .mapTo(byte[].class)
            .one();
    byte[] text = secrets.open(sealed, context(undo.job(), undo.position()));
    handle.execute(
        "update job_step set undo = ? where job_id = ? and position = ?",
        secrets.seal(text, context(job, position)),
        job,
        position);
  }

  private void requireUntouched(CarriedUndo undo) {
    boolean untouched =
        handle
            .createQuery(
                """
                select exists (select from job_step t
                  join job j on j.id = t.job_id
                  join job_server js on js.job_id = j.id
                  join server s on s.id = js.server_id and s.name = t.server
                  where t.job_id = :job and t.position = :position
                    and coalesce(s.operated_at <= j.finished_at, true))
                """)
            .bind("job", undo.job())
            .bind("position", undo.position())
            .mapTo(Boolean.class)
            .one();
    if (!untouched) {
      throw touched(undo);
    }
  }

  private PgsealException touched(CarriedUndo undo) {
    String server =
        handle
            .createQuery("select server from job_step where job_id = :job and position = :position")
            .bind("job", undo.job())
            .bind("position", undo.position())
            .mapTo(String.class)
            .one();
    return new PgsealException(
            ProblemType.ILLEGAL_STATE,
            "Job %s left server %s half way, and pgseal has worked on it since: what it was before the job is no state to go back to"
                .formatted(undo.job(), server))
        .with("server", server)
        .hint(
            "Retry the job that came after it if that left something too; else POST /v1/rollouts"
                + " asks anew and takes back to how the server is now");
  }

  static Set<Integer> left(Handle handle, UUID job) {
    return Set.copyOf(
        handle
            .createQuery(
                """
                select position from job_step
                where job_id = :job and undo is not null and state <> 'UNDONE'
                """)
            .bind("job", job)
            .mapTo(Integer.class)
            .list());
  }

  static boolean any(Handle handle, UUID job) {
    return !left(handle, job).isEmpty();
  }

  static boolean followed(Handle handle, UUID job) {
    return handle
        .createQuery(
            """
            select exists (select from job j
              join job_server js on js.job_id = j.id
              join server s on s.id = js.server_id
              where j.id = :job and s.operated_at > j.finished_at)
            """)
        .bind("job", job)
        .mapTo(Boolean.class)
        .one();
  }

  /** What the undo of a step is sealed for. */
  static String context(UUID job, int position) {
    return "job/" + job + "/step/" + position + "/undo";
  }
}
