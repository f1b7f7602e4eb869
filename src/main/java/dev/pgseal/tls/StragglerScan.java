package dev.pgseal.tls;

import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.postgres.ServerSetting;
import dev.pgseal.postgres.ServerSettings;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.BooleanSupplier;
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

  private final ServerConnections connections;
  private final ServerSettings settings;
  private final Drain drain;

  public StragglerScan(ServerConnections connections, ServerSettings settings, Drain drain) {
    this.connections = connections;
    this.settings = settings;
    this.drain = drain;
  }

  /**
   * @param provedAt when the last scan found no plaintext session and none could arrive any more
   * @param ended the sessions that arrived late and were ended
   */
  public record Result(Instant provedAt, int scans, List<Drain.Ended> ended) {}

  /** The time after a reload within which a socket that was accepted before it may still log in. */
  public Duration window(PostgresSession session) {
    ServerSetting timeout = settings.read(session).get("authentication_timeout");
    long seconds =
        timeout == null || timeout.value() == null ? 60 : Long.parseLong(timeout.value());
    return Duration.ofSeconds(2 * seconds);
  }

  /**
   * @param reloadedAt by the server's clock
   * @param stop asked before each scan; the scan gives up when it says true
   * @throws PgsealException {@code PRIVILEGE_MISSING} when sessions cannot be judged
   */
  public Result scan(PostgresSession session, Instant reloadedAt, BooleanSupplier stop) {
    return scan(session, reloadedAt, PLAINTEXT, stop);
  }

  /**
   * The same for fewer sessions.
   *
   * @param refused those that must not be there
   */
  public Result scan(
      PostgresSession session,
      Instant reloadedAt,
      Predicate<ServerConnection> refused,
      BooleanSupplier stop) {
    Instant end = reloadedAt.plus(window(session));
    List<Drain.Ended> ended = new java.util.ArrayList<>();
    int scans = 0;
    while (!stop.getAsBoolean()) {
      Instant now = serverClock(session);
      List<ServerConnection> found = plaintext(session).stream().filter(refused).toList();
      scans++;
      if (!found.isEmpty()) {
        ended.addAll(drain.end(session, refused, Duration.ZERO));
      } else if (now.isAfter(end)) {
        return new Result(now, scans, List.copyOf(ended));
      }
      Pause.of(LOOK_AGAIN);
    }
    throw new PgsealException(
        ProblemType.ILLEGAL_STATE, "Stopped before the last straggler could have arrived");
  }

  /** The sessions that are there now in plaintext over TCP. */
  public List<ServerConnection> plaintext(PostgresSession session) {
    List<ServerConnection> all = connections.list(session);
    if (all.stream().anyMatch(c -> c.encryption() == Encryption.UNKNOWN)) {
      throw new PgsealException(
              ProblemType.PRIVILEGE_MISSING,
              "Sessions are there whose encryption the login of pgseal may not see")
          .hint("GRANT pg_read_all_stats TO the login");
    }
    return all.stream().filter(PLAINTEXT).toList();
  }

  /** Plaintext over TCP. */
  public static final Predicate<ServerConnection> PLAINTEXT =
      connection -> connection.encryption() == Encryption.PLAINTEXT;

  private static Instant serverClock(PostgresSession session) {
    return session
        .queryOne("SELECT clock_timestamp()", row -> row.getTimestamp(1).toInstant())
        .orElseThrow();
  }
}
