package dev.pgseal.rollout;

import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepResult;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.TerminateResult;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.tls.Drain;
import dev.pgseal.tls.RefusedSessions;
import dev.pgseal.tls.RulesChange;
import dev.pgseal.tls.ServerUnderChange;
import dev.pgseal.tls.SessionsToEnd;
import dev.pgseal.tls.StragglerScan;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Waits until nothing that the old rules judged can still arrive, and ends what does. It looks now
 * and then, and holds nothing in between; what it knows is in the step, so a restart loses nothing.
 */
@ApplicationScoped
class StragglerWait {

  /** Beyond the window and a grace that begins with it. */
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private static final String WINDOW_END = "stragglersUntil";
  private static final String SCANS = "scans";
  private static final String STRAGGLERS = "stragglers";

  private final StragglerScan scan;
  private final RulesChange rules;
  private final RefusedSessions refused;

  StragglerWait(StragglerScan scan, RulesChange rules, RefusedSessions refused) {
    this.scan = scan;
    this.rules = rules;
    this.refused = refused;
  }

  /** {@code DONE} with what was seen and {@code provedAt}, else {@code LATER}. */
  StepResult look(StepContext<RolloutRequest> context) {
    Map<String, Object> observed = new LinkedHashMap<>(context.step().observed());
    try (ServerUnderChange change = context.open()) {
      return look(context, change, observed);
    } catch (PgsealException e) {
      Instant until =
          observed.get(WINDOW_END) instanceof String known
              ? Instant.parse(known).plus(PATIENCE)
              : Instant.MIN;
      return Patience.later(context, e, until);
    }
  }

  private StepResult look(
      StepContext<RolloutRequest> context, ServerUnderChange change, Map<String, Object> observed) {
    Instant windowEnd = windowEnd(context, change, observed);
    SessionsToEnd unwanted =
        context.request().sessionsToEnd(refused.of(context.server(), change.session()));
    StragglerScan.Look look =
        scan.look(change.session(), windowEnd, unwanted, context.request().drainGrace());
    observed.put(WINDOW_END, windowEnd.toString());
    observed.put(SCANS, 1 + ((Number) observed.getOrDefault(SCANS, 0)).intValue());
    List<Object> stragglers = stragglers(context, observed.get(STRAGGLERS), look);
    observed.put(STRAGGLERS, stragglers);
    requireEnds(context, windowEnd, look, unwanted);
    if (!look.proved()) {
      return StepResult.later(observed, look.untilNext());
    }
    observed.put("stragglersEnded", stragglers.size());
    observed.put("provedAt", look.at().toString());
    observed.putAll(left(look.sessions(), unwanted));
    return StepResult.done(observed);
  }

  /** The sessions in plaintext that may stay. */
  private static Map<String, Object> left(List<ServerConnection> sessions, SessionsToEnd unwanted) {
    Map<String, Object> left = new LinkedHashMap<>();
    left.put("plaintextSessions", sessions.stream().filter(unwanted.refused()).count());
    left.put("excepted", SessionReport.excepted(sessions, unwanted.refused()));
    List<Map<String, Object>> excluded = SessionReport.clients(sessions, unwanted::leaves);
    if (!excluded.isEmpty()) {
      left.put("excluded", excluded);
      left.put(
          "remark",
          "Plaintext is refused, but these sessions were excluded and stay in plaintext until they"
              + " end");
    }
    return left;
  }

  /**
   * By the first look: a later reload does not move it, nor does a later change of {@code
   * authentication_timeout}, which a backend reads as it begins.
   */
  private Instant windowEnd(
      StepContext<RolloutRequest> context, ServerUnderChange change, Map<String, Object> observed) {
    if (observed.get(WINDOW_END) instanceof String known) {
      return Instant.parse(known);
    }
    return reloadedAt(context, change).plus(scan.window(change.session()));
  }

  private Instant reloadedAt(StepContext<RolloutRequest> context, ServerUnderChange change) {
    return context.execution().job().steps().stream()
        .filter(step -> step.kind().equals(StepKind.CONVERT_RULES.name()))
        .filter(step -> context.server().name().equals(step.server()))
        .map(JobStep::observed)
        .filter(o -> o.containsKey(RulesSteps.RELOADED_AT))
        .map(o -> Instant.parse(String.valueOf(o.get(RulesSteps.RELOADED_AT))))
        .findFirst()
        .orElseGet(() -> rules.loadedAt(change));
  }

  /** What cannot be ended must not keep the job for ever. */
  private static void requireEnds(
      StepContext<RolloutRequest> context,
      Instant windowEnd,
      StragglerScan.Look look,
      SessionsToEnd unwanted) {
    Optional<Drain.Ended> forbidden =
        look.ended().stream()
            .filter(ended -> ended.result() == TerminateResult.NOT_PERMITTED)
            .findFirst();
    if (forbidden.isPresent()) {
      throw new PgsealException(
              ProblemType.PRIVILEGE_MISSING,
              "A plaintext session is left that the login of pgseal may not end")
          .with("session", SessionReport.of(forbidden.get()))
          .hint(
              "GRANT pg_signal_backend TO the login; a superuser's session needs a superuser. Or"
                  + " exclude it");
    }
    Instant limit = windowEnd.plus(context.request().drainGrace()).plus(PATIENCE);
    if (look.found() > 0 && look.at().isAfter(limit)) {
      throw new PgsealException(
              ProblemType.ILLEGAL_STATE,
              "%d plaintext sessions do not end, or come again and again".formatted(look.found()))
          .with("sessions", SessionReport.clients(look.sessions(), unwanted))
          .hint("See what admits them: GET /v1/servers/" + context.server().name() + "/ssl");
    }
  }

  private static List<Object> stragglers(
      StepContext<RolloutRequest> context, @Nullable Object before, StragglerScan.Look look) {
    List<Object> all = new ArrayList<>(before instanceof List<?> list ? list : List.of());
    look.ended().stream().map(SessionReport::of).forEach(all::add);
    if (!look.ended().isEmpty()) {
      context.note(
          "plaintext sessions that came late were ended",
          Map.of("sessions", look.ended().stream().map(SessionReport::of).toList()));
    }
    return all;
  }
}
