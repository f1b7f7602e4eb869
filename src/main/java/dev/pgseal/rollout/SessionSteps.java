package dev.pgseal.rollout;

import dev.pgseal.job.StepResult;
import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.tls.Drain;
import dev.pgseal.tls.RefusedSessions;
import dev.pgseal.tls.ServerUnderChange;
import dev.pgseal.tls.StragglerScan;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Looks at the sessions of a server, and ends those in plaintext. */
@ApplicationScoped
class SessionSteps implements RolloutStep {

  private final ServerConnections connections;
  private final Drain drain;
  private final RefusedSessions refused;

  SessionSteps(ServerConnections connections, Drain drain, RefusedSessions refused) {
    this.connections = connections;
    this.drain = drain;
    this.refused = refused;
  }

  @Override
  public Set<StepKind> kinds() {
    return Set.of(StepKind.OBSERVE_SESSIONS, StepKind.DRAIN);
  }

  @Override
  public StepResult run(StepContext<RolloutRequest> context, StepKind kind) {
    try (ServerUnderChange change = context.open()) {
      return kind == StepKind.OBSERVE_SESSIONS ? observe(change) : drain(context, change);
    }
  }

  private StepResult observe(ServerUnderChange change) {
    List<ServerConnection> all = connections.list(change.session());
    Map<String, Object> observed = new LinkedHashMap<>();
    observed.put("sessionsByEncryption", byEncryption(all));
    observed.put("plaintext", plaintextClients(all));
    return StepResult.done(observed);
  }

  private StepResult drain(StepContext<RolloutRequest> context, ServerUnderChange change) {
    List<ServerConnection> before = connections.list(change.session());
    Predicate<ServerConnection> toEnd = refused.of(context.server(), change.session());
    if (before.stream().noneMatch(toEnd)) {
      return StepResult.skipped(
          Map.of(
              "sessionsByEncryption", byEncryption(before), "excepted", excepted(before, toEnd)));
    }
    List<Drain.Ended> ended = drain.end(change.session(), toEnd, context.request().drainGrace());
    List<ServerConnection> after = connections.list(change.session());
    List<String> forced = new ArrayList<>();
    ended.stream()
        .filter(Drain.Ended::insideTransaction)
        .forEach(e -> forced.add(e.username() + " " + e.applicationName() + " pid " + e.pid()));
    return StepResult.done(
        Map.of(
            "ended", ended.size(),
            "endedInsideTransaction", forced,
            "excepted", excepted(after, toEnd),
            "sessionsByEncryption", byEncryption(after)));
  }

  /** Sessions in plaintext that may stay. */
  static long excepted(List<ServerConnection> all, Predicate<ServerConnection> toEnd) {
    return all.stream().filter(StragglerScan.PLAINTEXT.and(toEnd.negate())).count();
  }

  static Map<Encryption, Long> byEncryption(List<ServerConnection> all) {
    return all.stream()
        .collect(Collectors.groupingBy(ServerConnection::encryption, Collectors.counting()));
  }

  /** Who comes in plaintext: user, application and address with their number of sessions. */
  private static Map<String, Long> plaintextClients(List<ServerConnection> all) {
    return all.stream()
        .filter(StragglerScan.PLAINTEXT)
        .collect(
            Collectors.groupingBy(
                c -> c.username() + " " + c.applicationName() + " from " + c.clientAddress(),
                Collectors.counting()));
  }
}
