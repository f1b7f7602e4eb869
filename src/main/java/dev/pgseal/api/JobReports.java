package dev.pgseal.api;

import dev.pgseal.job.Job;
import dev.pgseal.job.JobEvent;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepState;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Makes the report of a job out of what it recorded; nothing is looked at anew. */
final class JobReports {

  private static final Set<JobState> WAITING = Set.of(JobState.AWAITING_APPROVAL, JobState.PAUSED);

  private JobReports() {}

  /**
   * @param runByIt the jobs that it runs: what became of the servers is told by those
   * @param events all of the job, in order
   * @param now for what has not ended yet
   */
  static JobReport of(Job job, List<Job> runByIt, List<JobEvent> events, Instant now) {
    List<JobReport.Transition> transitions = transitions(events);
    List<JobReport.StepReport> others =
        job.steps().stream()
            .filter(step -> step.server() == null || !runByIt.isEmpty())
            .map(JobReports::step)
            .toList();
    List<JobReport.ServerReport> servers =
        runByIt.isEmpty()
            ? servers(job)
            : runByIt.stream().flatMap(one -> servers(one).stream()).toList();
    boolean all =
        job.state() == JobState.SUCCEEDED
            && !servers.isEmpty()
            && servers.stream().allMatch(s -> s.provedAt() != null);
    return new JobReport(
        job.id(),
        job.kind(),
        job.state(),
        summary(servers),
        job.requestedBy(),
        job.approval() == null ? null : job.approval().by(),
        job.approval() == null ? null : job.approval().at(),
        job.cancelledBy(),
        times(job, transitions, now),
        all
            ? servers.stream()
                .map(JobReport.ServerReport::provedAt)
                .max(Instant::compareTo)
                .orElse(null)
            : null,
        servers,
        others,
        transitions,
        Problem.of(job.problem()));
  }

  private static List<JobReport.ServerReport> servers(Job job) {
    Map<String, List<JobStep>> byServer = new LinkedHashMap<>();
    for (JobStep step : job.steps()) {
      if (step.server() != null) {
        byServer.computeIfAbsent(step.server(), name -> new ArrayList<>()).add(step);
      }
    }
    List<JobReport.ServerReport> servers = new ArrayList<>();
    byServer.forEach((name, steps) -> servers.add(server(name, steps)));
    return servers;
  }

  private static String summary(List<JobReport.ServerReport> servers) {
    List<String> parts = new ArrayList<>();
    for (JobReport.Outcome outcome : JobReport.Outcome.values()) {
      long count = servers.stream().filter(s -> s.outcome() == outcome).count();
      if (count > 0) {
        parts.add("%d of %d servers %s".formatted(count, servers.size(), words(outcome)));
      }
    }
    return parts.isEmpty() ? "no server is concerned" : String.join(", ", parts);
  }

  static String words(JobReport.Outcome outcome) {
    return switch (outcome) {
      case PROVED -> "proved";
      case UNDONE -> "as before, and seen so";
      case FAILED -> "failed";
      case UNFINISHED -> "not finished";
    };
  }

  private static List<JobReport.Transition> transitions(List<JobEvent> events) {
    List<JobReport.Transition> transitions = new ArrayList<>();
    for (JobEvent event : events) {
      if (event.type().equals("job") && event.data().get("state") != null) {
        JobState state = JobState.valueOf(String.valueOf(event.data().get("state")));
        transitions.add(new JobReport.Transition(event.time(), state, event.actor()));
      }
    }
    return List.copyOf(transitions);
  }

  private static JobReport.Times times(
      Job job, List<JobReport.Transition> transitions, Instant now) {
    Instant end = Objects.requireNonNullElse(job.finishedAt(), now);
    Duration waiting = Duration.ZERO;
    for (int i = 0; i < transitions.size(); i++) {
      if (WAITING.contains(transitions.get(i).state())) {
        Instant until = i + 1 < transitions.size() ? transitions.get(i + 1).time() : end;
        waiting = waiting.plus(Duration.between(transitions.get(i).time(), until));
      }
    }
    return new JobReport.Times(
        job.createdAt(),
        job.startedAt(),
        job.finishedAt(),
        seconds(Duration.between(job.createdAt(), end)),
        seconds(waiting));
  }

  private static JobReport.ServerReport server(String name, List<JobStep> steps) {
    StepEvidence evidence = new StepEvidence(steps);
    JobReport.Outcome outcome = outcome(steps);
    boolean proved = outcome == JobReport.Outcome.PROVED;
    return new JobReport.ServerReport(
        name,
        outcome,
        proved ? evidence.text("mode") : null,
        proved ? evidence.provedAt() : null,
        evidence.certificate(),
        evidence.rules(),
        evidence.sessions(),
        evidence.probes(),
        evidence.stream(),
        evidence.unregisteredStandbys(),
        evidence.remarks(),
        steps.stream().map(JobReports::step).toList());
  }

  private static JobReport.Outcome outcome(List<JobStep> steps) {
    if (any(steps, StepState.UNDO_FAILED)) {
      return JobReport.Outcome.FAILED;
    }
    if (any(steps, StepState.UNDONE)) {
      return JobReport.Outcome.UNDONE;
    }
    if (any(steps, StepState.FAILED)) {
      return JobReport.Outcome.FAILED;
    }
    return any(steps, StepState.PENDING) || any(steps, StepState.RUNNING)
        ? JobReport.Outcome.UNFINISHED
        : JobReport.Outcome.PROVED;
  }

  private static boolean any(List<JobStep> steps, StepState state) {
    return steps.stream().anyMatch(step -> step.state() == state);
  }

  private static JobReport.StepReport step(JobStep step) {
    return new JobReport.StepReport(
        step.position(),
        step.kind(),
        step.description(),
        step.state(),
        step.startedAt(),
        step.finishedAt(),
        took(step),
        step.observed(),
        Problem.of(step.problem()));
  }

  private static @Nullable Double took(JobStep step) {
    return step.startedAt() == null || step.finishedAt() == null
        ? null
        : seconds(Duration.between(step.startedAt(), step.finishedAt()));
  }

  /** To the millisecond. */
  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }
}
