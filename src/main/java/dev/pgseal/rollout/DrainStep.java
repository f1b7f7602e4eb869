package dev.pgseal.rollout;

import dev.pgseal.job.StepResult;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.tls.Drain;
import dev.pgseal.tls.RefusedSessions;
import dev.pgseal.tls.ServerUnderChange;
import dev.pgseal.tls.SessionsToEnd;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Ends the plaintext sessions, each between two transactions if the grace lets it: see {@link
 * Drain}. A long grace is waited for in rounds, between which nothing is held.
 */
@ApplicationScoped
class DrainStep implements RolloutStep {

  private static final Duration ROUND = Duration.ofMinutes(2);
  private static final Duration BETWEEN = Duration.ofSeconds(2);

  private static final String GRACE_ENDS = "graceEndsAt";
  private static final String ENDED = "ended";
  private static final String FORCED = "endedInsideTransaction";
  private static final String WALSENDERS = "walsendersEnded";

  private final ServerConnections connections;
  private final Drain drain;
  private final RefusedSessions refused;
  private final Duration round;

  @Inject
  DrainStep(ServerConnections connections, Drain drain, RefusedSessions refused) {
    this(connections, drain, refused, ROUND);
  }

  /**
   * @param round how long a grace is waited for before others get the thread
   */
  DrainStep(ServerConnections connections, Drain drain, RefusedSessions refused, Duration round) {
    this.connections = connections;
    this.drain = drain;
    this.refused = refused;
    this.round = round;
  }

  @Override
  public Set<StepKind> kinds() {
    return Set.of(StepKind.DRAIN);
  }

  @Override
  public Duration waits(RolloutRequest request) {
    Duration grace = request.drainGrace();
    return grace.compareTo(round) > 0 ? round : grace;
  }

  @Override
  public StepResult run(StepContext<RolloutRequest> context, StepKind kind) {
    Map<String, Object> observed = new LinkedHashMap<>(context.step().observed());
    boolean begins = !observed.containsKey(GRACE_ENDS);
    try (ServerUnderChange change = context.open()) {
      SessionsToEnd unwanted =
          context.request().sessionsToEnd(refused.of(context.server(), change.session()));
      if (begins) {
        List<ServerConnection> before = connections.list(change.session());
        if (before.stream().noneMatch(unwanted)) {
          return StepResult.skipped(seen(before, unwanted));
        }
        observed.put(GRACE_ENDS, Instant.now().plus(context.request().drainGrace()).toString());
      }
      return drain(context, change.session(), unwanted, observed, begins);
    } catch (PgsealException e) {
      return Patience.later(
          context,
          e,
          begins ? Instant.MIN : Instant.parse(String.valueOf(observed.get(GRACE_ENDS))));
    }
  }

  private StepResult drain(
      StepContext<RolloutRequest> context,
      PostgresSession session,
      SessionsToEnd unwanted,
      Map<String, Object> observed,
      boolean begins) {
    Duration grace =
        Duration.between(Instant.now(), Instant.parse(String.valueOf(observed.get(GRACE_ENDS))));
    boolean inRounds = grace.compareTo(round) > 0;
    Drain.Round seen = drain.endAsTheyComeToRest(session, unwanted, inRounds ? round : grace);
    count(observed, seen.ended());
    if (inRounds && !seen.left().isEmpty()) {
      if (begins) {
        context.note(
            "transactions are waited for",
            Map.of("sessions", seen.left().stream().map(SessionReport::of).toList()));
      }
      return StepResult.later(observed, BETWEEN);
    }
    force(context, session, unwanted, seen.left(), observed);
    observed.remove(GRACE_ENDS);
    observed.putAll(seen(connections.list(session), unwanted));
    return StepResult.done(observed);
  }

  private void force(
      StepContext<RolloutRequest> context,
      PostgresSession session,
      SessionsToEnd unwanted,
      List<ServerConnection> left,
      Map<String, Object> observed) {
    List<Drain.Ended> forced = drain.endByForce(session, left);
    count(observed, forced);
    List<Map<String, Object>> cut =
        forced.stream()
            .filter(Drain.Ended::insideTransaction)
            .map(ended -> advised(ended, context.request().drainGrace()))
            .toList();
    observed.put(FORCED, cut);
    if (!cut.isEmpty()) {
      context.note("transactions outlived the grace and were cut", Map.of("sessions", cut));
    }
    List<Drain.Ended> walsenders = drain.endWalsenders(session, unwanted, true);
    count(observed, walsenders);
    if (!walsenders.isEmpty()) {
      observed.put(WALSENDERS, walsenders.stream().map(SessionReport::of).toList());
    }
  }

  private static Map<String, Object> advised(Drain.Ended ended, Duration grace) {
    Map<String, Object> told = SessionReport.of(ended);
    told.put(
        "advice",
        "It had been in a transaction for %s when the grace of %s was over. PostgreSQL rolled that back and told the client (57P01): what was done in it has to be done again"
            .formatted(ended.transactionAge(), grace));
    return told;
  }

  private static void count(Map<String, Object> observed, List<Drain.Ended> ended) {
    int before = ((Number) observed.getOrDefault(ENDED, 0)).intValue();
    observed.put(ENDED, before + ended.size());
  }

  private static Map<String, Object> seen(List<ServerConnection> all, SessionsToEnd unwanted) {
    Map<String, Object> seen = new LinkedHashMap<>();
    seen.put("sessionsByEncryption", SessionReport.byEncryption(all));
    seen.put("excepted", SessionReport.excepted(all, unwanted.refused()));
    List<Map<String, Object>> excluded = SessionReport.clients(all, unwanted::leaves);
    if (!excluded.isEmpty()) {
      seen.put("excluded", excluded);
    }
    return seen;
  }
}
