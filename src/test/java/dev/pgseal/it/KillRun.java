package dev.pgseal.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.testing.PostgresServer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The rollouts of one pair, one after the other, and where kills hit them. */
final class KillRun {

  /**
   * @param at gates that the rollout stops at
   */
  record Plan(String target, List<KillGates.Boundary> at) {}

  /**
   * Where a kill hit a rollout, and how that ended.
   *
   * @param atBoundary it had been waited for there
   * @param at the newest event of the rollout, and the time since
   */
  record Hit(String target, boolean atBoundary, String at, String job) {}

  private final KillPair pair;
  private final PostgresServer control;
  private final Deque<Plan> plans = new ArrayDeque<>();
  private final List<Hit> hits = new ArrayList<>();
  private final List<String> ends = new ArrayList<>();
  private @Nullable Plan plan;
  private @Nullable String job;

  KillRun(KillPair pair, PostgresServer control) {
    this.pair = pair;
    this.control = control;
  }

  KillPair pair() {
    return pair;
  }

  void add(Plan next) {
    plans.add(next);
  }

  boolean exhausted() {
    return job == null && plans.isEmpty();
  }

  boolean active() {
    return job != null;
  }

  List<Hit> hits() {
    return hits;
  }

  /** Job and its end state, in the order in which they ended. */
  List<String> ends() {
    return ends;
  }

  /** Starts the next rollout when none runs and there is one. */
  void startNext(KillGates gates, String authority) throws java.sql.SQLException {
    if (job == null && !plans.isEmpty()) {
      plan = plans.remove();
      for (KillGates.Boundary boundary : plan.at()) {
        gates.shut(pair.name(), boundary);
      }
      job = pair.start(plan.target(), authority);
    }
  }

  boolean hasEnded() {
    return job != null
        && control.query(
                "select 1 from job where id = '%s' and finished_at is not null".formatted(job))
            != null;
  }

  /** The replica that is at work on it; null while it waits for a time, and nobody has it. */
  @Nullable String holder() {
    return control.query(
        "select picked_by from scheduled_tasks where picked and task_instance = '%s'"
            .formatted(job));
  }

  /** The number of the execution that has the running job. */
  long fence() {
    return Long.parseLong(
        String.valueOf(control.query("select fence from job where id = '%s'".formatted(job))));
  }

  /** Events of the running job so far. */
  long events() {
    return job == null
        ? 0
        : Long.parseLong(
            String.valueOf(
                control.query("select last_event_id from job where id = '%s'".formatted(job))));
  }

  /** Notes where the job stands, just after a kill: its newest event and the time since. */
  void hit(boolean atBoundary) {
    if (job == null || hasEnded()) {
      return;
    }
    String at =
        control.query(
            """
            select coalesce(data ->> 'kind' || ' ' || (data ->> 'state'),
                     data ->> 'message', data ->> 'state')
              || ' + ' || round(extract(epoch from clock_timestamp() - time) * 1000) || ' ms'
              from job_event where job_id = '%s' order by id desc limit 1
            """
                .formatted(job));
    hits.add(new Hit(plan.target(), atBoundary, at, job));
  }

  /** Checks what the ended rollout promised. */
  void settle() {
    String state = control.query("select state from job where id = '%s'".formatted(job));
    String problem = control.query("select problem from job where id = '%s'".formatted(job));
    try {
      pair.requireWhole(plan.target(), state);
      requireAppliedOnce();
    } catch (AssertionError e) {
      throw new AssertionError(
          "%s of %s, job %s, hit at %s, problem %s: %s"
              .formatted(plan.target(), pair.name(), job, hitsOf(job), problem, e.getMessage()),
          e);
    }
    ends.add(job + " " + state);
    job = null;
  }

  private List<String> hitsOf(String wanted) {
    return hits.stream().filter(hit -> hit.job().equals(wanted)).map(Hit::at).toList();
  }

  /** The conversion stands once in the history of an enforced server, and not at all else. */
  private void requireAppliedOnce() {
    for (String server : pair.servers()) {
      String kinds =
          control.query(
              """
              select string_agg(r.kind, ' ' order by r.number) from hba_revision r
                join server s on s.id = r.server_id where s.name = '%s'
              """
                  .formatted(server));
      assertThat(String.valueOf(kinds)).doesNotContain("ENFORCED ENFORCED", "RELAXED RELAXED");
    }
  }
}
