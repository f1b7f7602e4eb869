package dev.pgseal.rollout;

import dev.pgseal.job.Job;
import dev.pgseal.job.JobEngine;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.JobStore;
import dev.pgseal.job.RecurringWork;
import dev.pgseal.job.StepState;
import dev.pgseal.problem.PgsealException;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Cancels rollouts that nobody approved in time: renewals of their servers wait for them. */
@ApplicationScoped
class OverdueApprovals implements RecurringWork {

  private static final Logger LOG = Logger.getLogger(OverdueApprovals.class);
  private static final String ITSELF = "pgseal";
  private static final int PAGE = 100;

  private final ApprovalConfig config;
  private final JobStore jobs;
  private final JobEngine engine;

  OverdueApprovals(ApprovalConfig config, JobStore jobs, JobEngine engine) {
    this.config = config;
    this.jobs = jobs;
    this.engine = engine;
  }

  @Override
  public String name() {
    return "overdue-approvals";
  }

  @Override
  public Duration interval() {
    return config.checkInterval();
  }

  @Override
  public Duration jitter() {
    return config.checkInterval().dividedBy(4);
  }

  @Override
  public void run() {
    Instant limit = Instant.now().minus(config.waitAtMost());
    UUID before = null;
    List<Job> page;
    do {
      page = jobs.list(JobState.AWAITING_APPROVAL, null, Map.of(), before, PAGE);
      page.stream().filter(job -> waitsSinceBefore(job, limit)).forEach(this::cancel);
      before = page.isEmpty() ? null : page.get(page.size() - 1).id();
    } while (page.size() == PAGE);
  }

  private static boolean waitsSinceBefore(Job job, Instant limit) {
    return job.steps().stream()
        .filter(step -> step.state() == StepState.RUNNING)
        .filter(step -> step.kind().equals(JobStep.APPROVAL))
        .anyMatch(step -> before(step.startedAt(), limit));
  }

  private static boolean before(@Nullable Instant start, Instant limit) {
    return start != null && start.isBefore(limit);
  }

  private void cancel(Job job) {
    try {
      engine.cancel(job.id(), ITSELF, true);
      LOG.infof("Job %s is cancelled: nobody approved it within %s", job.id(), config.waitAtMost());
    } catch (PgsealException e) {
      LOG.debugf(e, "Job %s has just ended", job.id());
    }
  }
}
