package dev.pgseal.tls;

import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.postgres.TerminateResult;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Ends sessions with as little harm as can be.
 *
 * <ol>
 *   <li>Idle sessions end at once: between transactions nothing is lost.
 *   <li>Sessions in a transaction are looked at again until they are idle or the grace is over.
 *   <li>After the grace, what is left ends inside its transaction, and the result says so.
 *   <li>Sessions that wait for a synchronous standby ({@code SyncRep}) come after those: their
 *       commit is durable already and only its acknowledgement would be lost.
 *   <li>Walsenders last, one at a time, and only when asked for.
 * </ol>
 *
 * A session is named by pid and {@code backend_start}, checked in the statement that ends it, so a
 * pid that was used again is never hit.
 */
@ApplicationScoped
public class Drain {

  private static final Duration LOOK_AGAIN = Duration.ofMillis(200);
  private static final Duration TERMINATE_WAIT = Duration.ofSeconds(5);

  private final ServerConnections connections;

  public Drain(ServerConnections connections) {
    this.connections = connections;
  }

  /**
   * What became of one session.
   *
   * @param insideTransaction it was in a transaction when it was ended
   */
  public record Ended(
      int pid,
      Instant backendStart,
      String username,
      String applicationName,
      TerminateResult result,
      boolean insideTransaction) {}

  /**
   * Ends the sessions that {@code filter} names and are there now.
   *
   * @param grace how long a transaction may go on
   */
  public List<Ended> end(
      PostgresSession session, Predicate<ServerConnection> filter, Duration grace) {
    Map<SessionKey, Ended> ended = new LinkedHashMap<>();
    Instant deadline = Instant.now().plus(grace);
    List<ServerConnection> left = endIdle(session, filter, ended);
    while (!left.isEmpty() && Instant.now().isBefore(deadline)) {
      Pause.of(LOOK_AGAIN);
      left = endIdle(session, filter, ended);
    }
    List<ServerConnection> remaining = new ArrayList<>(left);
    remaining.sort((a, b) -> Boolean.compare(syncRep(a), syncRep(b)));
    remaining.forEach(connection -> end(session, connection, ended));
    connections.list(session).stream()
        .filter(ServerConnection::walsender)
        .filter(filter)
        .forEach(connection -> end(session, connection, ended));
    return List.copyOf(ended.values());
  }

  /** Ends the idle ones and answers those of the client backends that are left. */
  private List<ServerConnection> endIdle(
      PostgresSession session, Predicate<ServerConnection> filter, Map<SessionKey, Ended> ended) {
    List<ServerConnection> busy = new ArrayList<>();
    for (ServerConnection connection : connections.list(session)) {
      if (connection.walsender() || !filter.test(connection) || settled(connection, ended)) {
        continue;
      }
      if (connection.idle()) {
        end(session, connection, ended);
      } else {
        busy.add(connection);
      }
    }
    return busy;
  }

  private void end(
      PostgresSession session, ServerConnection connection, Map<SessionKey, Ended> ended) {
    Instant backendStart = connection.backendStart();
    TerminateResult result =
        backendStart == null
            ? TerminateResult.NOT_PERMITTED
            : connections.terminate(session, connection.pid(), backendStart, TERMINATE_WAIT);
    ended.put(
        SessionKey.of(connection),
        new Ended(
            connection.pid(),
            backendStart,
            String.valueOf(connection.username()),
            String.valueOf(connection.applicationName()),
            result,
            connection.transactionStart() != null && !connection.walsender()));
  }

  private static boolean settled(ServerConnection connection, Map<SessionKey, Ended> ended) {
    return ended.containsKey(SessionKey.of(connection));
  }

  private static boolean syncRep(ServerConnection connection) {
    return "SyncRep".equals(connection.waitEvent());
  }

  private record SessionKey(int pid, Instant backendStart) {
    static SessionKey of(ServerConnection connection) {
      return new SessionKey(connection.pid(), connection.backendStart());
    }
  }
}
