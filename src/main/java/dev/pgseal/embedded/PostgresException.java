package dev.pgseal.embedded;

/**
 * {@code initdb}, the start or the stop of a PostgreSQL failed; the message ends with what the
 * program and the server's log say about it.
 */
public final class PostgresException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  /** What PostgreSQL logs when it could bind none of its addresses (English messages). */
  private static final String PORT_TAKEN = "could not create any TCP/IP sockets";

  public PostgresException(String message) {
    super(message);
  }

  public PostgresException(String message, Throwable cause) {
    super(message, cause);
  }

  /** The server did not start because its port is taken, so another one should be tried. */
  public boolean portTaken() {
    return String.valueOf(getMessage()).contains(PORT_TAKEN);
  }
}
