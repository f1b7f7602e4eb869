package dev.pgseal.embedded;

/**
 * {@code initdb}, the start or the stop of a PostgreSQL failed; the message ends with what the
 * program and the server's log say about it.
 */
public final class PostgresException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  public PostgresException(String message) {
    super(message);
  }

  public PostgresException(String message, Throwable cause) {
    super(message, cause);
  }
}
