package dev.pgseal.it;

import dev.pgseal.testing.PostgresServer;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/**
 * Stops jobs at the boundaries of their steps, where a kill is to hit them: a trigger of the
 * control database lets the first checkpoint behind a boundary wait, so that nothing of the next
 * step has begun. The service knows nothing of it.
 */
final class KillGates implements AutoCloseable {

  /**
   * A boundary of the rollout that a server is in.
   *
   * @param settled so many steps are done or skipped and none has failed; none runs, but for one of
   *     the same kind as a settled neighbour, beside which it ran; -1 on the way back
   * @param undone on the way back: so many steps are undone, and the next one is but its record is
   *     not written
   */
  record Boundary(int settled, int undone) {
    static Boundary forward(int settled) {
      return new Boundary(settled, 0);
    }

    static Boundary back(int undone) {
      return new Boundary(-1, undone);
    }

    @Override
    public String toString() {
      return settled >= 0 ? "after step " + settled : "taking back, after undo " + undone;
    }
  }

  private static final String SETUP =
      """
      create table kill_gate (
        key int generated always as identity primary key, server text, settled int, undone int);
      create function kill_gate() returns trigger language plpgsql as $$
      declare
        steps record;
        gate int;
        job uuid := coalesce(to_jsonb(new) ->> 'job_id', to_jsonb(new) ->> 'id');
      begin
        select count(*) filter (where state in ('DONE', 'SKIPPED')) as settled,
               count(*) filter (where state = 'UNDONE') as undone,
               count(*) filter (where state in ('FAILED', 'UNDONE')) as failed,
               count(*) filter (where state = 'RUNNING' and not exists (
                 select from job_step n
                  where n.job_id = s.job_id and n.kind = s.kind
                    and abs(n.position - s.position) = 1 and n.state in ('DONE', 'SKIPPED')))
                 as running
          into steps from job_step s where s.job_id = job;
        select g.key into gate from kill_gate g
         where exists (select from job_step s where s.job_id = job and s.server = g.server)
           and steps.running = 0
           and case when g.settled >= 0
                    then steps.failed = 0 and g.settled = steps.settled
                    else steps.failed > 0 and g.undone = steps.undone end;
        if found then
          perform pg_advisory_xact_lock_shared(4711, gate);
        end if;
        return new;
      end $$;
      create trigger a_kill_gate before update on job
        for each row when (new.last_event_id > old.last_event_id) execute function kill_gate();
      create trigger a_kill_gate before update on job_step
        for each row when (new.state = 'RUNNING' and old.state <> 'RUNNING')
        execute function kill_gate()
      """;

  private final PostgresServer database;
  private final Connection holder;
  private final List<Integer> shut = new ArrayList<>();

  KillGates(PostgresServer database) throws SQLException {
    this.database = database;
    database.execute(SETUP.split(";\n(?=create)"));
    holder = database.connect();
  }

  /** The next rollout of this server waits at the boundary. */
  void shut(String server, Boundary boundary) throws SQLException {
    try (var insert =
        holder.prepareStatement(
            """
            with gate as (insert into kill_gate (server, settled, undone) values (?, ?, ?)
              returning key)
            select key from gate
            """)) {
      insert.setString(1, server);
      insert.setInt(2, boundary.settled());
      insert.setInt(3, boundary.undone());
      try (var row = insert.executeQuery()) {
        row.next();
        shut.add(row.getInt(1));
        hold(row.getInt(1));
      }
    }
  }

  private void hold(int key) throws SQLException {
    try (var lock = holder.prepareStatement("select pg_advisory_lock(4711, ?)")) {
      lock.setInt(1, key);
      lock.execute();
    }
  }

  /** The rollout of this server waits at a boundary. */
  boolean reached(String server) {
    return "t"
        .equals(
            database.query(
                """
                select exists (select from kill_gate g join pg_locks l on l.objid = g.key
                  where l.locktype = 'advisory' and l.classid = 4711 and not l.granted
                    and g.server = '%s')
                """
                    .formatted(server)));
  }

  /**
   * Opens the gates that somebody waits at, after the kill: transactions of the dead end, and hold
   * nothing any more.
   */
  void openReached() {
    database.execute(
        """
        delete from kill_gate g using pg_locks l where l.objid = g.key
          and l.locktype = 'advisory' and l.classid = 4711 and not l.granted
        """,
        """
        select pg_terminate_backend(pid, 5000) from pg_locks
         where locktype = 'advisory' and classid = 4711 and not granted
        """);
  }

  /** Lets the rollout that waits go on. */
  void open(String server) throws SQLException {
    try (var open =
        holder.prepareStatement(
            """
            with opened as (delete from kill_gate where server = ? returning key)
            select pg_advisory_unlock(4711, key) from opened
            """)) {
      open.setString(1, server);
      open.execute();
    }
  }

  @Override
  public void close() throws SQLException {
    holder.close();
  }
}
