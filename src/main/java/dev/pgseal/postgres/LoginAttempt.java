package dev.pgseal.postgres;

/**
 * A login that is tried only as far as the first answer of the server: it needs no password and
 * proves what the loaded pg_hba.conf does with it.
 *
 * @param tls send the startup packet inside TLS (any certificate is taken), else in plaintext
 * @param physicalReplication ask for {@code replication=true}; {@code database} is then not sent
 */
public record LoginAttempt(
    String username, String database, boolean tls, boolean physicalReplication) {

  public static LoginAttempt plaintext(String username, String database) {
    return new LoginAttempt(username, database, false, false);
  }

  public static LoginAttempt tls(String username, String database) {
    return new LoginAttempt(username, database, true, false);
  }

  public LoginAttempt asPhysicalReplication() {
    return new LoginAttempt(username, database, tls, true);
  }
}
