package dev.pgseal.postgres;

import dev.pgseal.server.ConnectionSslMode;
import dev.pgseal.server.LoginTarget;
import dev.pgseal.testing.PostgresServer;

/** Logins at test servers. */
final class Logins {

  static final PostgresConnector CONNECTOR = new PostgresConnector();

  private Logins() {}

  static LoginTarget superuser(PostgresServer server) {
    return as(server, PostgresServer.SUPERUSER, PostgresServer.PASSWORD);
  }

  static LoginTarget as(PostgresServer server, String user, String password) {
    return new LoginTarget(
        server.host(), server.port(), "postgres", user, password, ConnectionSslMode.PREFER, null);
  }

  static PostgresSession open(PostgresServer server) {
    return CONNECTOR.open(superuser(server));
  }

  static PostgresSession quiet(PostgresServer server) {
    return new SecretSession(CONNECTOR).openQuiet(superuser(server));
  }

  /** A role that may log in and nothing else; its password is its name. */
  static LoginTarget newRole(PostgresServer server, String name) {
    server.execute("CREATE ROLE " + name + " LOGIN PASSWORD '" + name + "'");
    return as(server, name, name);
  }
}
