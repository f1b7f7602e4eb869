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
import dev.pgseal.tls.ClientAuthentication;
import dev.pgseal.tls.ClientTrustStore;
import dev.pgseal.tls.Drain;
import dev.pgseal.tls.RevokedSessions;
import dev.pgseal.tls.ServerUnderChange;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings revocation lists to servers and ends the sessions whose certificate is in them. One server
 * that cannot be reached keeps none of the others from it, and nothing is taken back. The job
 * reserves no server: it waits a little for one that another job works on, not to its end.
 */
@ApplicationScoped
public class RevocationListHandler implements JobHandler {

  public static final String KIND = "revocation-list";

  private final StepContexts contexts;
  private final ObjectMapper json;
  private final ClientAuthentication authentication;
  private final ClientTrustStore trusts;
  private final RevokedSessions sessions;
  private final LifecycleConfig config;
  private final Clock clock;

  public RevocationListHandler(
      StepContexts contexts,
      ObjectMapper json,
      ClientAuthentication authentication,
      ClientTrustStore trusts,
      RevokedSessions sessions,
      LifecycleConfig config,
      Clock clock) {
    this.contexts = contexts;
    this.json = json;
    this.authentication = authentication;
    this.trusts = trusts;
    this.sessions = sessions;
    this.config = config;
    this.clock = clock;
  }

  /** What the steps do. */
  enum Kind {
    PUBLISH_REVOCATION_LIST,
    END_REVOKED_SESSIONS
  }

  static List<JobStep> plan(List<String> servers) {
    Steps steps = new Steps();
    for (String server : servers) {
      steps.add(
          server,
          Kind.PUBLISH_REVOCATION_LIST,
          "Write the revocation list to %s and see a revoked certificate refused"
              .formatted(server));
      steps.add(
          server,
          Kind.END_REVOKED_SESSIONS,
          "End the sessions of %s that came with a revoked certificate".formatted(server));
    }
    return steps.list();
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public void run(JobExecution execution) {
    DistributionRequest request =
        json.convertValue(execution.job().request(), DistributionRequest.class);
    StepRunner.run(execution, new Actions(execution, request));
  }

  private final class Actions implements StepActions {
    private final JobExecution execution;
    private final DistributionRequest request;

    private Actions(JobExecution execution, DistributionRequest request) {
      this.execution = execution;
      this.request = request;
    }

    @Override
    public boolean goesOnAfterFailure() {
      return true;
    }

    @Override
    public void ending(JobState state, @Nullable JobProblem problem) {
      contexts.endEarlierExecutions(execution);
    }

    @Override
    public StepResult run(JobStep step) {
      StepContext<DistributionRequest> context = contexts.of(execution, request, step, null);
      Optional<ClientTrustStore.ClientTrust> trust = trusts.find(context.server().id());
      if (trust.isEmpty()) {
        return StepResult.skipped(Map.of("clientCertificates", "not asked for any more"));
      }
      try (ServerUnderChange change = context.open()) {
        return Kind.valueOf(step.kind()) == Kind.PUBLISH_REVOCATION_LIST
            ? publish(change, trust.get().authority())
            : endSessions(change, trust.get().authority());
      }
    }

    @Override
    public void undo(JobStep step, String undo) {
      throw new IllegalStateException("A revocation is not taken back");
    }
  }

  private StepResult publish(ServerUnderChange change, String authority) {
    trusts.attempted(change.server().id(), clock.instant());
    ClientAuthentication.Proof proof =
        authentication.publish(change, authority, config.revocationListLife());
    return StepResult.done(
        Map.of(
            "revokedCertificate", "REFUSED",
            "certificatesTakenOf", proof.trusted(),
            "sha256", String.valueOf(proof.listsSha256())));
  }

  private StepResult endSessions(ServerUnderChange change, String authority) {
    List<Drain.Ended> ended = sessions.end(change.session(), authority);
    return StepResult.done(
        Map.of(
            "ended",
            ended.stream()
                .map(e -> e.username() + " " + e.applicationName() + " pid " + e.pid())
                .toList()));
  }
}
