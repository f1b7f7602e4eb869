package dev.pgseal.lifecycle;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobHandler;
import dev.pgseal.job.JobProblem;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepActions;
import dev.pgseal.job.StepResult;
import dev.pgseal.job.StepRunner;
import dev.pgseal.rollout.StepContext;
import dev.pgseal.rollout.StepContexts;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Runs the steps of {@link RotationPlan}. */
@ApplicationScoped
public class RotationHandler implements JobHandler {

  public static final String KIND = "authority-rotation";

  private final StepContexts contexts;
  private final ObjectMapper json;
  private final AuthoritySteps authority;
  private final TrustSteps trust;
  private final ReissueStep reissue;
  private final RotationChecks checks;

  public RotationHandler(
      StepContexts contexts,
      ObjectMapper json,
      AuthoritySteps authority,
      TrustSteps trust,
      ReissueStep reissue,
      RotationChecks checks) {
    this.contexts = contexts;
    this.json = json;
    this.authority = authority;
    this.trust = trust;
    this.reissue = reissue;
    this.checks = checks;
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public void run(JobExecution execution) {
    RotationRequest request = json.convertValue(execution.job().request(), RotationRequest.class);
    StepRunner.run(execution, new Actions(execution, request));
  }

  private final class Actions implements StepActions {
    private final JobExecution execution;
    private final RotationRequest request;

    private Actions(JobExecution execution, RotationRequest request) {
      this.execution = execution;
      this.request = request;
    }

    private StepContext<RotationRequest> context(JobStep step) {
      String primary = step.server() == null ? null : request.streams().get(step.server());
      return contexts.of(execution, request, step, primary);
    }

    @Override
    public void ending(JobState state, @Nullable JobProblem problem) {
      contexts.endEarlierExecutions(execution);
    }

    @Override
    public StepResult run(JobStep step) {
      StepContext<RotationRequest> context = context(step);
      return switch (RotationPlan.Kind.valueOf(step.kind())) {
        case CREATE_AUTHORITY -> authority.create(context);
        case TRUST_BOTH_FOR_CLIENTS, TRUST_NEW_FOR_CLIENTS -> trust.forClients(context);
        case TRUST_BOTH_IN_STREAM, TRUST_NEW_IN_STREAM -> trust.inStream(context);
        case TRUST_BOTH_IN_PGSEAL, TRUST_NEW_IN_PGSEAL -> trust.inPgseal(context);
        case CHECK_TRUST -> checks.trust(context);
        case CONFIRM_TRUST, CONFIRM_SERVED -> confirm(step);
        case PROMOTE_AUTHORITY -> authority.promote(context);
        case REISSUE_CERTIFICATE -> reissue.run(context);
        case CHECK_SERVED -> checks.served(context);
        case CHECK_NOTHING_LEFT -> checks.nothingLeft(context);
        case RETIRE_AUTHORITY -> authority.retire(context);
      };
    }

    @Override
    public boolean irrevocable(JobStep step) {
      return step.kind().equals(RotationPlan.Kind.RETIRE_AUTHORITY.name());
    }

    @Override
    public void undo(JobStep step, String undo) {
      StepContext<RotationRequest> context = context(step);
      switch (RotationPlan.Kind.valueOf(step.kind())) {
        case CREATE_AUTHORITY -> authority.undoCreate(context);
        case PROMOTE_AUTHORITY -> authority.undoPromote(context);
        case TRUST_BOTH_FOR_CLIENTS, TRUST_NEW_FOR_CLIENTS -> trust.undoForClients(context, undo);
        case TRUST_BOTH_IN_STREAM, TRUST_NEW_IN_STREAM -> trust.undoInStream(context, undo);
        case TRUST_BOTH_IN_PGSEAL, TRUST_NEW_IN_PGSEAL -> trust.undoInPgseal(context, undo);
        case REISSUE_CERTIFICATE -> reissue.undo(context, undo);
        default -> throw new IllegalStateException(step.kind() + " has nothing to undo");
      }
    }
  }

  private static StepResult confirm(JobStep step) {
    Object by = step.observed().get(JobExecution.APPROVED_BY);
    return by == null
        ? StepResult.waiting(Map.of("waitsFor", ":continue, or :cancel to go back"))
        : StepResult.done(Map.of(JobExecution.APPROVED_BY, by));
  }
}
