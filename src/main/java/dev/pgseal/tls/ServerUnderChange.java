package dev.pgseal.tls;

import dev.pgseal.postgres.PostgresConnector;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.LoginTarget;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerLocks;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A server that is locked for one changing operation.
 *
 * <p>{@link #session()} stays open all the while: sessions survive every change of TLS and rules,
 * so through it everything can be taken back when nobody can log in any more.
 */
public final class ServerUnderChange implements AutoCloseable {

  private final ManagedServer server;
  private final String execution;
  private final LoginTarget login;
  private final PostgresConnector connector;
  private final PostgresSession session;
  private final ServerLocks.Held lock;
  private final Queue<PostgresSession> others = new ConcurrentLinkedQueue<>();
  private volatile boolean aborted;
  private @Nullable Consumer<ServerUnderChange> keeper;
  private boolean reloaded;

  ServerUnderChange(
      ManagedServer server,
      String execution,
      LoginTarget login,
      PostgresConnector connector,
      PostgresSession session,
      ServerLocks.Held lock) {
    this.server = server;
    this.execution = execution;
    this.login = login;
    this.connector = connector;
    this.session = session;
    this.lock = lock;
  }

  public ManagedServer server() {
    return server;
  }

  public LoginTarget login() {
    return login;
  }

  public PostgresSession session() {
    return session;
  }

  /** Whether we come from the server's own host, as the server sees it. */
  public boolean fromLoopback() {
    return AdmissionForecast.ownAddress(session).isLoopbackAddress();
  }

  /**
   * Sees that the lock is still ours, before something is recorded elsewhere.
   *
   * @throws PgsealException {@code SERVER_UNREACHABLE} when the session and with it the lock is
   *     lost
   */
  public void requireHeld() {
    if (!session.isUsable()) {
      throw new PgsealException(
              ProblemType.SERVER_UNREACHABLE,
              "The session that held the lock on server %s is lost".formatted(server.name()))
          .with("server", server.name())
          .hint("See the server's log: it was restarted, or another pgseal goes on with this job");
    }
  }

  /**
   * A new session that changes something, where {@link #session()} cannot: it ends when the lock
   * goes to somebody else.
   */
  PostgresSession helper(ConnectionSslMode mode) {
    return joined(fresh(mode));
  }

  private PostgresSession joined(PostgresSession helper) {
    try {
      ChangeLock.join(helper, execution);
      // named first, so that whoever has the lock after us finds it; then: do we still have it?
      requireHeld();
      return helper;
    } catch (RuntimeException e) {
      helper.close();
      throw e;
    }
  }

  /** A new session with the server's own login settings, for looking. */
  public PostgresSession fresh() {
    return opened(login);
  }

  /** A new session with another {@code sslmode} than the registered one. */
  public PostgresSession fresh(ConnectionSslMode mode) {
    return opened(login.withSslMode(mode));
  }

  /** A {@link #helper} over TLS whose certificate must chain to {@code rootCertificate} (PEM). */
  PostgresSession helperTrusting(String rootCertificate) {
    return joined(
        opened(
            new LoginTarget(
                login.host(),
                login.port(),
                login.database(),
                login.username(),
                login.password(),
                ConnectionSslMode.VERIFY_CA,
                rootCertificate)));
  }

  private PostgresSession opened(LoginTarget target) {
    PostgresSession other = connector.open(target);
    others.removeIf(PostgresSession::isClosed);
    others.add(other);
    if (aborted) {
      other.abort();
    }
    return other;
  }

  /**
   * Cuts all sessions that were opened here, and each that is opened later: whoever waits in one
   * gets {@code SERVER_UNREACHABLE}. May be called by any thread.
   */
  public void abort() {
    aborted = true;
    session.abort();
    others.forEach(PostgresSession::abort);
  }

  /**
   * Tells the postmaster to reload and drops our pooled sessions, so that pgseal is never itself
   * the last session of the old state. A connection opened after this returns is judged by the new
   * state (or by the old one, if PostgreSQL refused the new: look from outside).
   */
  public void reload() {
    reloaded = true;
    session.queryOne("SELECT pg_reload_conf()", row -> row.getBoolean(1));
    connector.flush(server.id());
  }

  /** Whether something was reloaded through it: others observe through a session opened later. */
  boolean reloaded() {
    return reloaded;
  }

  /** {@link #close} gives it to the keeper, who ends it. */
  ServerUnderChange keptBy(Consumer<ServerUnderChange> keeper) {
    this.keeper = keeper;
    return this;
  }

  @Override
  public void close() {
    if (keeper == null) {
      end();
    } else {
      keeper.accept(this);
    }
  }

  void end() {
    try {
      session.close();
    } finally {
      lock.close();
    }
  }
}
