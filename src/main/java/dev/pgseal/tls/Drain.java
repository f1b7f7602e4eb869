package dev.pgseal.tls;

import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.postgres.ServerConnections.SessionKey;
import dev.pgseal.postgres.TerminateResult;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Ends sessions with as little harm as can be.
 *
 * <ol>
 *   <li>Idle sessions end at once, in one statement that looks at each immediately before it
 *       signals it: between transactions nothing is lost ({@link ServerConnections#terminateAll}
 *       has the microseconds that remain).
 *   <li>Sessions in a transaction are looked at again until they are idle or the grace is over.
 *   <li>After the grace, what is left ends inside its transaction, and the result says so.
 *   <li>Sessions that wait for a synchronous standby ({@code SyncRep}) come after those: their
 *       commit is durable already and only its acknowledgement would be lost.
 *   <li>Walsenders last, and only when asked for: one at a time, the next when the one before is
 *       back, so that a synchronous standby is never away for longer than its reconnect.
 * </ol>
 *
 * A session is named by pid and {@code backend_start}, checked in the statement that ends it, so a
 * pid that was used again is never hit.
 */
@ApplicationScoped
public class Drain {

  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
  private static final Duration TERMINATE_WAIT = Duration.ofSeconds(5);

  /** A standby tries again after {@code wal_retrieve_retry_interval}, 5 s unless changed. */
  private static final Duration RECONNECT = Duration.ofSeconds(10);

  private final ServerConnections connections;

  public Drain(ServerConnections connections) {
    this.connections = connections;
  }

  /**
   * What became of one session.
   *
   * @param transactionAge how long it had been in a transaction when it was ended; null when it was
   *     in none
   */
  public record Ended(
      int pid,
      @Nullable Instant backendStart,
      String username,
      String applicationName,
      @Nullable String clientAddress,
      TerminateResult result,
      @Nullable Duration transactionAge) {

    /** It was in a transaction when it was ended. */
    public boolean insideTransaction() {
      return transactionAge != null;
    }
  }

  /**
   * Ends the sessions that {@code filter} names and are there now.
   *
   * @param grace how long a transaction may go on; with none, walsenders are not waited for either
   */
  public List<Ended> end(
      PostgresSession session, Predicate<ServerConnection> filter, Duration grace) {
    Round round = endAsTheyComeToRest(session, filter, grace);
    List<Ended> ended = new ArrayList<>(round.ended());
    ended.addAll(endByForce(session, round.left()));
    ended.addAll(endWalsenders(session, filter, !grace.isZero()));
    return List.copyOf(ended);
  }

  /**
   * @param left client backends that were never idle when they were looked at
   */
  public record Round(List<Ended> ended, List<ServerConnection> left) {}

  /** Ends sessions as they become idle, walsenders excepted, until none is left or for so long. */
  public Round endAsTheyComeToRest(
      PostgresSession session, Predicate<ServerConnection> filter, Duration atMost) {
    Map<SessionKey, Ended> ended = new LinkedHashMap<>();
    Instant deadline = Instant.now().plus(atMost);
    List<ServerConnection> left = endIdle(session, filter, ended);
    GrowingPause between = new GrowingPause(LOOK_AGAIN);
    while (!left.isEmpty() && Instant.now().isBefore(deadline)) {
      between.pause();
      left = endIdle(session, filter, ended);
    }
    return new Round(List.copyOf(ended.values()), left);
  }

  /** Ends these whatever they do; those that wait for a synchronous standby behind the others. */
  public List<Ended> endByForce(PostgresSession session, List<ServerConnection> left) {
    Map<SessionKey, Ended> ended = new LinkedHashMap<>();
    end(session, left.stream().filter(c -> !syncRep(c)).toList(), false, ended);
    end(session, left.stream().filter(Drain::syncRep).toList(), false, ended);
    return List.copyOf(ended.values());
  }

  /** Ends those that are idle at this moment, and no other. */
  public List<Ended> endIdle(PostgresSession session, Predicate<ServerConnection> filter) {
    Map<SessionKey, Ended> ended = new LinkedHashMap<>();
    endIdle(session, filter, ended);
    return List.copyOf(ended.values());
  }

  /** Ends the idle ones and answers those of the client backends that are left. */
  private List<ServerConnection> endIdle(
      PostgresSession session, Predicate<ServerConnection> filter, Map<SessionKey, Ended> ended) {
    List<ServerConnection> found =
        connections.list(session).stream()
            .filter(c -> !c.walsender())
            .filter(filter)
            .filter(c -> !ended.containsKey(key(c)))
            .toList();
    // idle twice, now and in the statement: a client that logs in is idle for a moment in between
    end(session, found.stream().filter(ServerConnection::idle).toList(), true, ended);
    return found.stream().filter(c -> !ended.containsKey(key(c))).toList();
  }

  /**
   * One at a time.
   *
   * @param awaitReturn before the next one
   */
  public List<Ended> endWalsenders(
      PostgresSession session, Predicate<ServerConnection> filter, boolean awaitReturn) {
    Map<SessionKey, Ended> ended = new LinkedHashMap<>();
    List<ServerConnection> walsenders =
        connections.list(session).stream()
            .filter(ServerConnection::walsender)
            .filter(filter)
            .toList();
    for (int i = 0; i < walsenders.size(); i++) {
      end(session, List.of(walsenders.get(i)), false, ended);
      if (awaitReturn && i + 1 < walsenders.size()) {
        awaitReturn(session, walsenders.get(i));
      }
    }
    return List.copyOf(ended.values());
  }

  /** The standby, or the subscriber, is there again; or has had its time. */
  private void awaitReturn(PostgresSession session, ServerConnection before) {
    Instant deadline = Instant.now().plus(RECONNECT);
    GrowingPause between = new GrowingPause(LOOK_AGAIN);
    while (Instant.now().isBefore(deadline)
        && connections.list(session).stream().noneMatch(c -> isReturnOf(c, before))) {
      between.pause();
    }
  }

  private static boolean isReturnOf(ServerConnection now, ServerConnection before) {
    return now.walsender()
        && now.backendStart() != null
        && before.backendStart() != null
        && now.backendStart().isAfter(before.backendStart())
        && Objects.equals(now.username(), before.username())
        && Objects.equals(now.applicationName(), before.applicationName())
        && Objects.equals(now.database(), before.database());
  }

  private void end(
      PostgresSession session,
      List<ServerConnection> wanted,
      boolean onlyIdle,
      Map<SessionKey, Ended> ended) {
    Map<SessionKey, ServerConnection> named = new LinkedHashMap<>();
    for (ServerConnection connection : wanted) {
      if (connection.backendStart() == null) {
        ended.put(key(connection), ended(connection, TerminateResult.NOT_PERMITTED, null));
      } else {
        named.put(key(connection), connection);
      }
    }
    List<SessionKey> keys = new ArrayList<>(named.keySet());
    connections
        .terminateAll(session, keys, onlyIdle, TERMINATE_WAIT)
        .forEach(
            t ->
                ended.put(
                    t.session(),
                    ended(
                        Objects.requireNonNull(named.get(t.session())),
                        t.result(),
                        t.transactionAge())));
    if (!onlyIdle) {
      named.forEach(
          (key, c) -> ended.putIfAbsent(key, ended(c, TerminateResult.ALREADY_GONE, null)));
    }
  }

  private static Ended ended(
      ServerConnection connection, TerminateResult result, @Nullable Duration transactionAge) {
    return new Ended(
        connection.pid(),
        connection.backendStart(),
        String.valueOf(connection.username()),
        String.valueOf(connection.applicationName()),
        connection.clientAddress(),
        result,
        connection.walsender() || result == TerminateResult.NOT_PERMITTED ? null : transactionAge);
  }

  private static SessionKey key(ServerConnection connection) {
    return new SessionKey(connection.pid(), connection.backendStart());
  }

  private static boolean syncRep(ServerConnection connection) {
    return "SyncRep".equals(connection.waitEvent());
  }
}
