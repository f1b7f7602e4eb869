package dev.pgseal.rollout;

import dev.pgseal.job.JobStep;
import dev.pgseal.job.JobStore;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.tls.RulesUndo;
import dev.pgseal.tls.ServerAccess;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.Set;

/** Rules that a rollout left half way, looked at before it is repeated. */
@ApplicationScoped
public class LeftRules {

  private static final Set<String> KINDS =
      Set.of(StepKind.CONVERT_RULES.name(), StepKind.RELAX_RULES.name());

  private final JobStore jobs;
  private final ServerAccess access;
  private final RulesUndo rules;
  private final UndoCodec codec;

  public LeftRules(JobStore jobs, ServerAccess access, RulesUndo rules, UndoCodec codec) {
    this.jobs = jobs;
    this.access = access;
    this.rules = rules;
    this.codec = codec;
  }

  /**
   * Sees that the rules are those that the job wrote, or those from before it: others are
   * somebody's own, which no way back may overwrite.
   *
   * @throws PgsealException {@code ILLEGAL_STATE}; {@code SERVER_UNREACHABLE}, {@code
   *     LOGIN_REFUSED}
   */
  void requireKnown(Leftovers left) {
    for (JobStep step : left.steps()) {
      if (KINDS.contains(step.kind())) {
        undo(left, step).ifPresent(undo -> requireKnown(String.valueOf(step.server()), undo));
      }
    }
  }

  private Optional<RulesUndo.Recorded> undo(Leftovers left, JobStep step) {
    return jobs.execution(left.job().id(), 0)
        .undo(step.position())
        .map(text -> codec.read(text, RulesSteps.Undo.class))
        .map(RulesSteps.Undo::change);
  }

  private void requireKnown(String server, RulesUndo.Recorded undo) {
    try (PostgresSession session = access.fresh(access.require(server))) {
      if (!rules.knows(session, undo)) {
        throw new PgsealException(
                ProblemType.ILLEGAL_STATE,
                "The rules of server %s are neither those from before the job nor those that it wrote: somebody has changed them since"
                    .formatted(server))
            .with("server", server)
            .hint(
                "Put back one of the two (<data_directory>/pgseal/hba/previous.conf) and retry; or"
                    + " POST /v1/rollouts asks anew and takes back to how the rules are now");
      }
    }
  }
}
