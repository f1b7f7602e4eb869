package dev.pgseal.tls;

import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerClock;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.postgres.ServerSetting;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Looks again until no session that the old rules judged can still arrive.
 *
 * <p>A socket that was accepted before the reload is judged by the old rules whenever it sends its
 * startup packet: at the latest twice {@code authentication_timeout} after the reload
 * (backend_startup.c: BackendInitialize, postinit.c: PerformAuthentication). Until then every scan
 * may find a new plaintext session, and ends it.
 */
@ApplicationScoped
public class StragglerScan {

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);
  private static final Duration LOOK_AGAIN_LATER = Duration.ofSeconds(5);
  private static final Duration JUST_AFTER = Duration.ofMillis(50);

  private final ServerConnections connections;
  private final ServerSettings settings;
  private final Drain drain;

  public StragglerScan(ServerConnections connections, ServerSettings settings, Drain drain) {
    this.connections = connections;
    this.settings = settings;
    this.drain = drain;
  }

  /**
   * What one look saw.
   *
   * @param at when, by the server's clock
   * @param ended the sessions that were there and were ended
   * @param found how many were there, those included that may still end their transaction
   * @param sessions all that were there, with those that are no stragglers
   */
  public record Look(
      Instant at,
      Instant windowEnd,
      List<Drain.Ended> ended,
      int found,
      List<ServerConnection> sessions) {

    /** None was there, and none can arrive any more. */
    public boolean proved() {
      return found == 0 && at.isAfter(windowEnd);
    }

    /** When to look again: often at first, and just after the end of the window. */
    public Duration untilNext() {
      Duration left = Duration.between(at, windowEnd);
      if (left.isNegative()) {
        return LOOK_AGAIN;
      }
      return left.compareTo(LOOK_AGAIN_LATER) > 0 ? LOOK_AGAIN_LATER : left.plus(JUST_AFTER);
    }
  }

  /** The time after a reload within which a socket that was accepted before it may still log in. */
  public Duration window(PostgresSession session) {
    ServerSetting timeout = settings.read(session).get("authentication_timeout");
    long seconds =
        timeout == null || timeout.value() == null ? 60 : Long.parseLong(timeout.value());
    return Duration.ofSeconds(2 * seconds);
  }

  /**
   * Ends those that are there. One in a transaction has {@code grace} from the transaction's begin.
   *
   * @param windowEnd nothing that the old rules judged can arrive after it; see {@link #window}
   * @param unwanted which sessions must not be there
   * @throws PgsealException {@code PRIVILEGE_MISSING} when sessions cannot be judged
   */
  public Look look(
      PostgresSession session,
      Instant windowEnd,
      Predicate<ServerConnection> unwanted,
      Duration grace) {
    Instant now = ServerClock.now(session);
    List<ServerConnection> sessions = judged(session);
    long found = sessions.stream().filter(unwanted).count();
    List<Drain.Ended> ended = new ArrayList<>();
    if (found > 0) {
      Instant overdue = now.minus(grace);
      ended.addAll(drain.endIdle(session, unwanted));
      ended.addAll(drain.end(session, unwanted.and(c -> !mayGoOn(c, overdue)), Duration.ZERO));
    }
    return new Look(now, windowEnd, List.copyOf(ended), (int) found, sessions);
  }

  private static boolean mayGoOn(ServerConnection connection, Instant overdue) {
    Instant since =
        connection.transactionStart() == null
            ? connection.backendStart()
            : connection.transactionStart();
    return !connection.walsender() && since != null && since.isAfter(overdue);
  }

  /** The sessions that are there now in plaintext over TCP. */
  public List<ServerConnection> plaintext(PostgresSession session) {
    return judged(session).stream().filter(PLAINTEXT).toList();
  }

  private List<ServerConnection> judged(PostgresSession session) {
    List<ServerConnection> all = connections.list(session);
    if (all.stream().anyMatch(c -> c.encryption() == Encryption.UNKNOWN)) {
      throw new PgsealException(
              ProblemType.PRIVILEGE_MISSING,
              "Sessions are there whose encryption the login of pgseal may not see")
          .hint("GRANT pg_read_all_stats TO the login");
    }
    return all;
  }

  /** Plaintext over TCP. */
  public static final Predicate<ServerConnection> PLAINTEXT =
      connection -> connection.encryption() == Encryption.PLAINTEXT;
}
