package dev.pgseal.tls;

import dev.pgseal.postgres.PostgresConnector;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.SecretSession;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.LoginTarget;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerLocks;
import dev.pgseal.server.ServerStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.function.LongSupplier;

/** Opens managed servers: pooled sessions for reading, a locked one for changing. */
@ApplicationScoped
public class ServerAccess {

  /** A job is half way through a server and cannot be answered "later"; a request can. */
  private static final Duration PATIENCE_OF_A_JOB = Duration.ofSeconds(30);

  /** The session of the operation before, which has ended, may take a moment to go. */
  private static final Duration PATIENCE_OF_A_REQUEST = Duration.ofSeconds(1);

  private final ServerStore store;
  private final ServerLocks locks;
  private final PostgresConnector connector;
  private final SecretSession secrets;
  private final RequiredPrivileges privileges;
  private final HbaSettlement settlement;

  public ServerAccess(
      ServerStore store,
      ServerLocks locks,
      PostgresConnector connector,
      SecretSession secrets,
      RequiredPrivileges privileges,
      HbaSettlement settlement) {
    this.store = store;
    this.locks = locks;
    this.connector = connector;
    this.secrets = secrets;
    this.privileges = privileges;
    this.settlement = settlement;
  }

  /**
   * @throws PgsealException {@code NOT_FOUND}
   */
  public ManagedServer require(String name) {
    return store
        .find(name)
        .orElseThrow(
            () ->
                new PgsealException(ProblemType.NOT_FOUND, "There is no server named " + name)
                    .hint("GET /v1/servers lists the servers"));
  }

  /** A pooled session; good for reading what does not depend on when the session began. */
  public PostgresSession borrow(ManagedServer server) {
    return connector.borrow(server.id(), store.login(server));
  }

  /** A new session: what the postmaster forks now, judged by the rules loaded now. */
  public PostgresSession fresh(ManagedServer server) {
    return connector.open(store.login(server));
  }

  /**
   * Locks the server for one operation and opens the session that stays open through it. Rules can
   * hold LDAP and RADIUS secrets and connection strings a password, so the session keeps what it
   * says out of the server's log and views. A change of rules that was broken off is ended first.
   *
   * @param owner {@code job/<id>} or {@code request/<id>}; see {@link ServerLocks#acquire}
   * @throws PgsealException {@code OPERATION_IN_PROGRESS}, {@code SERVER_UNREACHABLE}, {@code
   *     LOGIN_REFUSED}
   */
  public ServerUnderChange openForChange(ManagedServer server, String owner, String operation) {
    return openForChange(server, owner, () -> 0, operation);
  }

  /**
   * As {@link #openForChange(ManagedServer, String, String)}.
   *
   * @param fence the number of the job's execution, or an exception when there is a later one. The
   *     sessions of an earlier one are ended, those of a later one are not. It is asked for again
   *     when the lock is taken and nothing was changed yet: a replica that froze before may get the
   *     lock while its successor does not hold it; from then on it loses it to the successor,
   *     session and all
   */
  public ServerUnderChange openForChange(
      ManagedServer server, String owner, LongSupplier fence, String operation) {
    return openForChange(server, owner, fence, operation, OpeningWatch.NOBODY);
  }

  /**
   * As {@link #openForChange(ManagedServer, String, LongSupplier, String)}.
   *
   * @param watch hears of the session as soon as there is one, and says for how long a job waits
   */
  public ServerUnderChange openForChange(
      ManagedServer server,
      String owner,
      LongSupplier fence,
      String operation,
      OpeningWatch watch) {
    Duration patience = LeaseWait.ofAJob(owner) ? PATIENCE_OF_A_JOB : PATIENCE_OF_A_REQUEST;
    long number = fence.getAsLong();
    ServerLocks.Held lock = new LeaseWait(locks, server, owner, operation).acquire(fence, watch);
    try {
      LoginTarget login = store.login(server);
      PostgresSession session = connector.open(login);
      try {
        String execution = number == 0 ? owner : owner + " #" + number;
        ServerUnderChange change =
            new ServerUnderChange(server, execution, login, connector, session, lock);
        watch.opened(change);
        privileges.require(session);
        if (!ChangeLock.take(session, owner, number, patience)) {
          throw lockedBy(ChangeLock.holder(session), server);
        }
        fence.getAsLong();
        secrets.quiet(session);
        settlement.settle(change);
        return change;
      } catch (RuntimeException e) {
        session.close();
        throw e;
      }
    } catch (RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  /**
   * Ends what executions of a job up to this one still have open on the server: a replica that
   * froze would keep others from it until it wakes up or dies.
   *
   * @param owner {@code job/<id>}
   * @throws PgsealException {@code SERVER_UNREACHABLE}, {@code LOGIN_REFUSED}
   */
  public void endSessionsOf(ManagedServer server, String owner, long fence) {
    try (PostgresSession session = fresh(server)) {
      ChangeLock.endEarlier(session, owner, fence);
    }
  }

  private static PgsealException lockedBy(String holder, ManagedServer server) {
    return new PgsealException(
            ProblemType.OPERATION_IN_PROGRESS,
            "The advisory lock on server %s is held by %s".formatted(server.name(), holder))
        .with("server", server.name())
        .with("holder", holder)
        .hint(
            "Wait for it to end; where its pgseal is gone for good, end its session:"
                + " pg_terminate_backend with the pid that pg_locks shows (locktype 'advisory')");
  }
}
