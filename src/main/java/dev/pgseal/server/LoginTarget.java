package dev.pgseal.server;

import org.jspecify.annotations.Nullable;

/**
 * All that is needed to log in to a PostgreSQL server over TCP.
 *
 * @param sslRootCertificate PEM of the authorities to trust, for the modes that verify
 */
public record LoginTarget(
    String host,
    int port,
    String database,
    String username,
    String password,
    ConnectionSslMode sslMode,
    @Nullable String sslRootCertificate) {

  /** The same login with another {@code sslMode}. */
  public LoginTarget withSslMode(ConnectionSslMode mode) {
    return new LoginTarget(host, port, database, username, password, mode, sslRootCertificate);
  }

  /** Never shows the password. */
  @Override
  public String toString() {
    return username + "@" + host + ":" + port + "/" + database + " sslmode=" + sslMode.parameter();
  }
}
