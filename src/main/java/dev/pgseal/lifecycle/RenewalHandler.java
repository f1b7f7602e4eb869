package dev.pgseal.lifecycle;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.certificate.TrustBundle;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.job.JobExecution;
import dev.pgseal.job.JobHandler;
import dev.pgseal.job.JobProblem;
import dev.pgseal.job.JobState;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepActions;
import dev.pgseal.job.StepResult;
import dev.pgseal.job.StepRunner;
import dev.pgseal.postgres.TlsAnswer;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.rollout.StepContext;
import dev.pgseal.rollout.StepContexts;
import dev.pgseal.tls.AuthorityGenerations;
import dev.pgseal.tls.CertificateInstaller;
import dev.pgseal.tls.CertificateSource;
import dev.pgseal.tls.InstalledCertificate;
import dev.pgseal.tls.ServerUnderChange;
import dev.pgseal.tls.SslSwitch;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs renewals: a new key and certificate are installed and seen served; then what clients would
 * say of it is checked; then the old key is removed. Until that the old generation comes back.
 */
@ApplicationScoped
public class RenewalHandler implements JobHandler {

  public static final String KIND = "renewal";

  private final StepContexts contexts;
  private final ObjectMapper json;
  private final CertificateInstaller installer;
  private final SslSwitch ssl;
  private final Authorities authorities;
  private final AuthorityGenerations generations;
  private final RenewalOutcomes outcomes;

  public RenewalHandler(
      StepContexts contexts,
      ObjectMapper json,
      CertificateInstaller installer,
      SslSwitch ssl,
      Authorities authorities,
      AuthorityGenerations generations,
      RenewalOutcomes outcomes) {
    this.contexts = contexts;
    this.json = json;
    this.installer = installer;
    this.ssl = ssl;
    this.authorities = authorities;
    this.generations = generations;
    this.outcomes = outcomes;
  }

  /** What the steps do. */
  enum Kind {
    INSTALL_CERTIFICATE,
    PROVE_SERVED,
    REMOVE_OLD_KEY
  }

  static List<JobStep> plan(String server) {
    return new Steps()
        .add(
            server,
            Kind.INSTALL_CERTIFICATE,
            "Issue a new certificate for %s, with a new key".formatted(server))
        .add(
            server,
            Kind.PROVE_SERVED,
            "See that %s serves it and that it chains to what clients trust".formatted(server))
        .add(server, Kind.REMOVE_OLD_KEY, "Remove the old key from " + server)
        .list();
  }

  @Override
  public String kind() {
    return KIND;
  }

  @Override
  public void run(JobExecution execution) {
    RenewalRequest request = json.convertValue(execution.job().request(), RenewalRequest.class);
    StepRunner.run(execution, new Actions(execution, request));
  }

  private final class Actions implements StepActions {
    private final JobExecution execution;
    private final RenewalRequest request;

    private Actions(JobExecution execution, RenewalRequest request) {
      this.execution = execution;
      this.request = request;
    }

    @Override
    public StepResult run(JobStep step) {
      StepContext<RenewalRequest> context = contexts.of(execution, request, step, null);
      return switch (Kind.valueOf(step.kind())) {
        case INSTALL_CERTIFICATE -> install(context);
        case PROVE_SERVED -> prove(context);
        case REMOVE_OLD_KEY -> removeOldKey(context);
      };
    }

    @Override
    public boolean irrevocable(JobStep step) {
      return step.kind().equals(Kind.REMOVE_OLD_KEY.name());
    }

    @Override
    public void undo(JobStep step, String undo) {
      StepContext<RenewalRequest> context = contexts.of(execution, request, step, null);
      try (ServerUnderChange change = context.open()) {
        installer.undo(change, context.undoCodec().read(undo, CertificateInstaller.Undo.class));
      }
    }

    @Override
    public void ending(JobState state, @Nullable JobProblem problem) {
      contexts.endEarlierExecutions(execution);
      outcomes.ended(request.server(), state, problem);
    }
  }

  private StepResult install(StepContext<RenewalRequest> context) {
    try (ServerUnderChange change = context.open()) {
      return install(context, change);
    }
  }

  private StepResult install(StepContext<RenewalRequest> context, ServerUnderChange change) {
    RenewalRequest request = context.request();
    CertificateInstaller.Undo undo =
        context.keepUndo(installer.prepareUndo(change), CertificateInstaller.Undo.class);
    InstalledCertificate installed =
        installer.install(
            change,
            new CertificateInstaller.Request(
                new CertificateSource.FromAuthority(request.authority()),
                request.keyType(),
                request.validity(),
                Set.of()),
            undo);
    return StepResult.done(
        Map.of(
            "fingerprint", installed.certificate().fingerprint(),
            "notAfter", installed.certificate().notAfter().toString(),
            "keyOrigin", installed.keyOrigin().name(),
            "directory", installed.directory(),
            "warnings", installed.warnings()));
  }

  private StepResult prove(StepContext<RenewalRequest> context) {
    try (ServerUnderChange change = context.open()) {
      return prove(context, change);
    }
  }

  private StepResult prove(StepContext<RenewalRequest> context, ServerUnderChange change) {
    Object fingerprint = context.execution().job().steps().get(0).observed().get("fingerprint");
    TlsAnswer.Served served = ssl.requireServed(change, String.valueOf(fingerprint));
    Optional<TrustBundle> trusted =
        generations.bundle(authorities.require(context.request().authority()));
    if (trusted.filter(bundle -> !bundle.anchors(served.chain())).isPresent()) {
      throw new PgsealException(
          ProblemType.CERTIFICATE_NOT_SERVED,
          "The new certificate does not chain to the bundle that clients trust");
    }
    change.fresh().close();
    return StepResult.done(
        Map.of(
            "fingerprint", served.fingerprint(),
            "protocol", served.protocol(),
            "notAfter", CertificateDescription.of(served.leaf()).notAfter().toString()));
  }

  /**
   * The new certificate is proved: that an old key could not be removed is no reason to go back.
   */
  private StepResult removeOldKey(StepContext<RenewalRequest> context) {
    return OldKeys.remove(context, context.server(), installer)
        .map(left -> StepResult.done(Map.of("oldKeyLeft", left)))
        .orElseGet(() -> StepResult.done(Map.of()));
  }
}
