package dev.pgseal.api;

import dev.pgseal.job.Job;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A job as callers see it. */
@Schema(name = "Job")
public record JobView(
    UUID id,
    @Schema(examples = "rollout") String kind,
    JobState state,
    @Schema(description = "Steps that need nothing more, of all", examples = "40") int percent,
    @Schema(description = "What was asked for") Map<String, Object> request,
    List<StepView> steps,
    @Schema(description = "Why it failed") @Nullable Problem problem,
    @Schema(description = "The token that asked for it", examples = "bootstrap") String requestedBy,
    @Schema(description = "The token that asked for :cancel") @Nullable String cancelledBy,
    @Schema(description = "The job that runs it; absent for one that was asked for")
        @Nullable UUID parent,
    @Schema(description = "Who approved it, when it needed a second person", examples = "oidc:ann")
        @Nullable String approvedBy,
    @Nullable Instant approvedAt,
    @Schema(
            description =
                "Who asked for :pause, until somebody says :resume; the job is PAUSED once the step"
                    + " that runs is done")
        @Nullable String pausedBy,
    @Nullable Instant pausedAt,
    @Schema(description = "The job that this one repeats, see :retry") @Nullable UUID retryOf,
    Instant createdAt,
    @Nullable Instant startedAt,
    @Nullable Instant finishedAt)
    implements AnswersWithJob {

  @Override
  public JobView answeredJob() {
    return this;
  }

  @Override
  public JobView with(Job present) {
    return of(present);
  }

  /** A step as callers see it. */
  @Schema(name = "JobStep")
  public record StepView(
      int position,
      @Schema(description = "absent in a step that is about no single server", examples = "db1")
          @Nullable String server,
      @Schema(examples = "ENABLE_SSL") String kind,
      @Schema(examples = "Switch ssl on and see the new certificate in a handshake")
          String description,
      StepState state,
      @Schema(description = "What was seen from outside when it was done; not in lists")
          Map<String, Object> observed,
      @Nullable Problem problem,
      @Nullable Instant startedAt,
      @Nullable Instant finishedAt) {

    static StepView of(JobStep step) {
      return new StepView(
          step.position(),
          step.server(),
          step.kind(),
          step.description(),
          step.state(),
          step.observed(),
          Problem.of(step.problem()),
          step.startedAt(),
          step.finishedAt());
    }
  }

  /** A page of jobs. */
  @Schema(name = "JobPage")
  public record JobPage(List<JobView> jobs, @Nullable String nextPageToken) {}

  /** The job as it is answered by whatever starts or reads one. */
  public static JobView of(Job job) {
    return new JobView(
        job.id(),
        job.kind(),
        job.state(),
        job.percent(),
        job.request(),
        job.steps().stream().map(StepView::of).toList(),
        Problem.of(job.problem()),
        job.requestedBy(),
        job.cancelledBy(),
        job.parent(),
        job.approval() == null ? null : job.approval().by(),
        job.approval() == null ? null : job.approval().at(),
        job.paused() == null ? null : job.paused().by(),
        job.paused() == null ? null : job.paused().at(),
        job.retryOf(),
        job.createdAt(),
        job.startedAt(),
        job.finishedAt());
  }
}
