package dev.pgseal.rollout;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.job.ChildJob;
import dev.pgseal.job.ChildJobs;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobHandler;
import dev.pgseal.job.JobProblem;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.JobStore;
import dev.pgseal.job.StepState;
import dev.pgseal.problem.PgsealException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Runs rollouts over several clusters: each step is the rollout of one cluster, a job of its own
 * that is started, followed and, on {@code :cancel}, cancelled from here. {@link FleetCourse} says
 * what may begin.
 *
 * <p>An execution looks once, does what is due and leaves: nothing is held while clusters work, and
 * the end of each brings the next look. All it knows is in the control database, so any replica
 * goes on from there.
 */
@ApplicationScoped
public class FleetHandler implements JobHandler {

  public static final String KIND = "fleet";

  /** The next look when no cluster's end brings one sooner. */
  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  /** The same while each cluster that has begun waits for a person or has ended. */
  static final Duration NOBODY_WORKS = Duration.ofSeconds(10);

  /** Key in {@code observed} while the maintenance window is not open. */
  private static final String WAITS_UNTIL = "waitsUntil";

  private static final Duration AT_ONCE = Duration.ofMillis(10);

  /** How long a cluster whose server is in another job waits for that to end. */
  private static final Duration BLOCKED_AT_MOST = Duration.ofMinutes(2);

  private final ChildJobs children;
  private final JobStore jobs;
  private final ObjectMapper json;
  private final Clock clock;

  public FleetHandler(ChildJobs children, JobStore jobs, ObjectMapper json, Clock clock) {
    this.children = children;
    this.jobs = jobs;
    this.json = json;
    this.clock = clock;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public void run(JobExecution execution) {
    StoredFleet fleet = json.convertValue(execution.job().request(), StoredFleet.class);
    new Look(execution, fleet).run();
  }

  private final class Look {
    private final JobExecution execution;
    private final StoredFleet fleet;
    private Job job;
    private List<ChildJob> seen = List.of();

    Look(JobExecution execution, StoredFleet fleet) {
      this.execution = execution;
      this.fleet = fleet;
      this.job = execution.job();
    }

    void run() {
      boolean cancelled = execution.cancelRequested();
      if (!cancelled && awaitsApproval()) {
        return;
      }
      FleetCourse course = settled();
      if (!course.ended()) {
        if (leaves(course, cancelled)) {
          return;
        }
        course = settled();
      }
      if (course.ended()) {
        FleetEnd.of(course, job, fleet, cancelled).write(execution, job);
      } else {
        lookAgain(course);
      }
    }

    /** Does what is due; whether the job waits for somebody then. */
    private boolean leaves(FleetCourse course, boolean cancelled) {
      if (cancelled) {
        cancel();
      } else if (course.stopped()) {
        JobProblem why = FleetEnd.notBegun(course, fleet);
        course.allHeld().forEach(child -> endHeld(child, JobState.CANCELLED, why));
      } else if (job.paused() != null) {
        return execution.pauses();
      } else if (course.admitted() && windowIsOpen()) {
        if (awaitsContinue(course)) {
          return true;
        }
        begin(course);
      }
      return false;
    }

    private boolean windowIsOpen() {
      MaintenanceWindow window = fleet.request().maintenanceWindow();
      return window == null || window.contains(clock.instant());
    }

    private boolean awaitsApproval() {
      JobStep first = job.steps().get(0);
      if (!first.kind().equals(JobStep.APPROVAL) || first.state() == StepState.DONE) {
        return false;
      }
      execution.stepRunning(first.position());
      if (!first.observed().containsKey(JobExecution.APPROVED_BY)) {
        execution.awaitApproval(first.position(), ApprovalStep.WAITS);
        return true;
      }
      execution.stepEnded(
          first.position(), StepState.DONE, ApprovalStep.approved(first.observed()), null);
      return false;
    }

    /** Before a wave after one with {@code pauseAfter}; a wave that began is told so. */
    private boolean awaitsContinue(FleetCourse course) {
      Optional<JobStep> gate = gate(course.wave());
      if (gate.isEmpty() || gate.get().state() == StepState.DONE) {
        return false;
      }
      JobStep step = gate.get();
      execution.stepRunning(step.position());
      Map<String, Object> observed = new LinkedHashMap<>(step.observed());
      observed.put("failed", course.failed().size());
      if (observed.containsKey(FleetPlan.PAUSES_BEFORE)
          && !observed.containsKey(JobExecution.APPROVED_BY)) {
        observed.put("waitsFor", ":continue, or :cancel");
        execution.awaitApproval(step.position(), observed);
        return true;
      }
      observed.remove("waitsFor");
      execution.stepEnded(step.position(), StepState.DONE, observed, null);
      return false;
    }

    private Optional<JobStep> gate(int wave) {
      return job.steps().stream()
          .filter(step -> step.kind().equals(JobStep.WAVE))
          .skip(wave)
          .findFirst();
    }

    private void begin(FleetCourse course) {
      long places = course.places();
      for (ChildJob child : course.held()) {
        if (places == 0) {
          return;
        }
        Optional<PgsealException> holder =
            children.start(
                job.id(), execution.fence(), child.id(), fleet.request().target().name());
        if (holder.isPresent()) {
          blocked(child, holder.get());
        } else {
          places--;
        }
      }
    }

    private void blocked(ChildJob child, PgsealException holder) {
      if (child.blockedSince() == null) {
        execution.note(child.position(), "waits for its server", Map.of("reason", holder.detail()));
      } else if (child.blockedSince().plus(BLOCKED_AT_MOST).isBefore(clock.instant())) {
        endHeld(child, JobState.FAILED, JobProblem.of(holder));
      }
    }

    private void endHeld(ChildJob child, JobState state, JobProblem why) {
      children.end(job.id(), execution.fence(), child.id(), state, why);
    }

    private void cancel() {
      String actor = job.cancelledBy() == null ? "pgseal" : job.cancelledBy();
      boolean undo = !execution.cancelKeeps();
      for (ChildJob child : children.of(job.id())) {
        if (!child.state().ended()) {
          cancel(child, actor, undo);
        }
      }
    }

    private void cancel(ChildJob child, String actor, boolean undo) {
      execution.fence();
      try {
        jobs.requestCancel(child.id(), actor, undo);
      } catch (PgsealException ended) {
        // just now; its end is seen at the next look
      }
    }

    /** The job's steps say of each cluster what its own job says. */
    private FleetCourse settled() {
      job = execution.job();
      seen = children.of(job.id());
      for (ChildJob child : seen) {
        JobStep step = step(child);
        if (child.state().ended() && open(step)) {
          Map<String, Object> observed = new LinkedHashMap<>(step.observed());
          observed.remove(WAITS_UNTIL);
          execution.stepEnded(
              step.position(),
              FleetEnd.stepState(child, step),
              observed,
              FleetEnd.stepProblem(child));
        } else if (!child.state().ended() && !child.held() && step.state() == StepState.PENDING) {
          execution.stepRunning(step.position());
        }
      }
      job = execution.job();
      return new FleetCourse(fleet, seen);
    }

    /** At once, where a cluster has come to its end since it was looked at. */
    private void lookAgain(FleetCourse course) {
      JobStep step = job.steps().stream().filter(Look::open).findFirst().orElseThrow();
      Map<String, Object> observed = new LinkedHashMap<>(step.observed());
      observed.remove(WAITS_UNTIL);
      Duration wait = course.working() > 0 || course.anyBlocked() ? LOOK_AGAIN : NOBODY_WORKS;
      if (course.working() == 0 && !windowIsOpen()) {
        Instant opens =
            Objects.requireNonNull(fleet.request().maintenanceWindow()).nextStart(clock.instant());
        observed.put(WAITS_UNTIL, opens.toString());
        wait = Duration.between(clock.instant(), opens);
      }
      execution.runAgain(step.position(), observed, wait);
      if (!children.of(job.id()).equals(seen)) {
        execution.runAgain(step.position(), observed, AT_ONCE);
      }
    }

    private static boolean open(JobStep step) {
      return step.state() == StepState.PENDING || step.state() == StepState.RUNNING;
    }

    private JobStep step(ChildJob child) {
      return job.steps().get(child.position());
    }
  }
}
