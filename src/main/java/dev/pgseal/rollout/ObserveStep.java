package dev.pgseal.rollout;

import dev.pgseal.job.JobExecution;
import dev.pgseal.job.StepResult;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.tls.AdmissionForecast;
import dev.pgseal.tls.Drain;
import dev.pgseal.tls.Pause;
import dev.pgseal.tls.RefusedSessions;
import dev.pgseal.tls.RulesConversion;
import dev.pgseal.tls.ServerUnderChange;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Finds out before plaintext is refused who will be refused: see {@link ClientObservation} for how,
 * {@link Observation} for how long and what follows.
 *
 * <p>While little time is to be waited it looks often, and then now and then; between two turns
 * nothing is held. What it knows is in the step's {@code observed}, so another replica goes on with
 * it.
 */
@ApplicationScoped
class ObserveStep implements RolloutStep {

  private static final Duration SOON = Duration.ofMillis(50);
  private static final Duration LOOK_AGAIN = Duration.ofMillis(250);
  private static final Duration TURN = Duration.ofSeconds(5);
  private static final Duration SHORT = Duration.ofSeconds(10);
  private static final Duration BETWEEN = Duration.ofSeconds(1);
  private static final Duration BETWEEN_AT_MOST = Duration.ofSeconds(30);

  private static final String WAITS_FOR = "waitsFor";

  private final ClientObservation.Tools tools;

  ObserveStep(
      ServerConnections connections,
      Drain drain,
      RulesConversion conversion,
      RefusedSessions refused,
      AdmissionForecast forecast,
      ReplicationReport replication) {
    tools =
        new ClientObservation.Tools(connections, drain, conversion, refused, forecast, replication);
  }

  @Override
  public Set<StepKind> kinds() {
    return Set.of(StepKind.OBSERVE_SESSIONS);
  }

  @Override
  public Duration waits(RolloutRequest request) {
    return TURN;
  }

  @Override
  public StepResult run(StepContext<RolloutRequest> context, StepKind kind) {
    Map<String, Object> before = context.step().observed();
    try (ServerUnderChange change = context.open()) {
      return turn(context, new ClientObservation(tools, context, change.session(), before));
    } catch (PgsealException e) {
      return Patience.later(context, e, until(context, before));
    }
  }

  private static Instant until(StepContext<RolloutRequest> context, Map<String, Object> before) {
    return before.get(ClientObservation.SINCE) instanceof String since
        ? Instant.parse(since).plus(context.request().observation().limit())
        : Instant.MIN;
  }

  private StepResult turn(StepContext<RolloutRequest> context, ClientObservation observation) {
    if (context.step().observed().containsKey(JobExecution.APPROVED_BY)) {
      observation.look(false);
      return accepted(context, observation);
    }
    if (!context.step().observed().containsKey(ClientObservation.SINCE)) {
      observation.look(false);
      // when it began is kept before anybody is ended, so that a restart ends nobody twice
      return observation.isQuiet()
          ? StepResult.done(observation.report("nobody is in plaintext"))
          : StepResult.later(observation.report(null), SOON);
    }
    return lookFor(context, observation, context.request().observation().quiet());
  }

  private StepResult lookFor(
      StepContext<RolloutRequest> context, ClientObservation observation, Duration quiet) {
    Instant turnEnds = Instant.now().plus(quiet.compareTo(SHORT) > 0 ? Duration.ZERO : TURN);
    while (true) {
      observation.look(true);
      if (observation.isQuiet()) {
        return StepResult.done(observation.report("nobody came in plaintext any more"));
      }
      if (observation.isOver()) {
        return decide(context, observation);
      }
      if (!Instant.now().isBefore(turnEnds)) {
        return StepResult.later(observation.report(null), between(quiet));
      }
      Pause.of(LOOK_AGAIN);
    }
  }

  /** Somebody has seen who will be refused, and said {@code :continue}. */
  private static StepResult accepted(
      StepContext<RolloutRequest> context, ClientObservation observation) {
    Map<String, Object> observed = new LinkedHashMap<>(context.step().observed());
    observed.putAll(observation.report("accepted"));
    observed.remove(WAITS_FOR);
    return StepResult.done(observed);
  }

  private static Duration between(Duration quiet) {
    Duration part = quiet.dividedBy(20);
    if (part.compareTo(BETWEEN) < 0) {
      return BETWEEN;
    }
    return part.compareTo(BETWEEN_AT_MOST) > 0 ? BETWEEN_AT_MOST : part;
  }

  private static StepResult decide(
      StepContext<RolloutRequest> context, ClientObservation observation) {
    List<Map<String, Object>> refused = observation.byChoice();
    if (refused.isEmpty()) {
      return StepResult.done(observation.report("nobody is known to insist on plaintext"));
    }
    return switch (context.request().observation().gate()) {
      case PASS -> StepResult.done(observation.report("passed, as asked"));
      case PAUSE -> {
        Map<String, Object> observed = new LinkedHashMap<>(observation.report("paused"));
        observed.put(
            WAITS_FOR,
            ":continue to enforce TLS nevertheless, or :cancel to go back. The clients with the"
                + " verdict PLAINTEXT_BY_CHOICE will be refused");
        yield StepResult.waiting(observed);
      }
      case FAIL -> throw refusal(context, refused);
    };
  }

  private static PgsealException refusal(
      StepContext<RolloutRequest> context, List<Map<String, Object>> refused) {
    Map<String, Object> first = refused.get(0);
    return new PgsealException(
            ProblemType.LOCKOUT_RISK,
            "%d clients came to %s in plaintext though TLS is offered, such as %s (%s) from %s"
                .formatted(
                    refused.size(),
                    context.server().name(),
                    first.get("username"),
                    first.get("applicationName"),
                    first.get("clientAddress")))
        .with("clients", refused)
        .hint("Give these clients sslmode=prefer or better, or let the rules except them");
  }
}
