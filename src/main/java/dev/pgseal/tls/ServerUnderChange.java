package dev.pgseal.tls;

import dev.pgseal.postgres.PostgresConnector;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.LoginTarget;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerLocks;

/**
 * A server that is locked for one changing operation.
 *
 * <p>{@link #session()} stays open all the while: sessions survive every change of TLS and rules,
 * so through it everything can be taken back when nobody can log in any more.
 */
public final class ServerUnderChange implements AutoCloseable {

  private final ManagedServer server;
  private final LoginTarget login;
  private final PostgresConnector connector;
  private final PostgresSession session;
  private final ServerLocks.Held lock;

  ServerUnderChange(
      ManagedServer server,
      LoginTarget login,
      PostgresConnector connector,
      PostgresSession session,
      ServerLocks.Held lock) {
    this.server = server;
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

  /** A new session with the server's own login settings. */
  public PostgresSession fresh() {
    return connector.open(login);
  }

  /** A new session with another {@code sslmode} than the registered one. */
  public PostgresSession fresh(ConnectionSslMode mode) {
    return connector.open(login.withSslMode(mode));
  }

  /** A new session over TLS whose certificate must chain to {@code rootCertificate} (PEM). */
  public PostgresSession freshTrusting(String rootCertificate) {
    return connector.open(
        new LoginTarget(
            login.host(),
            login.port(),
            login.database(),
            login.username(),
            login.password(),
            ConnectionSslMode.VERIFY_CA,
            rootCertificate));
  }

  /**
   * Tells the postmaster to reload and drops our pooled sessions, so that pgseal is never itself
   * the last session of the old state. A connection opened after this returns is judged by the new
   * state (or by the old one, if PostgreSQL refused the new: look from outside).
   */
  public void reload() {
    session.queryOne("SELECT pg_reload_conf()", row -> row.getBoolean(1));
    connector.flush(server.id());
  }

  @Override
  public void close() {
    try {
      session.close();
    } finally {
      lock.close();
    }
  }
}
