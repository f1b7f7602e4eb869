package dev.pgseal.tls;

import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.SessionExclusions;
import java.util.function.Predicate;

/**
 * Which sessions are not to stay once plaintext is refused: those in plaintext over TCP, but for
 * the excluded ones. GSS-encrypted sessions and those over a Unix socket are no plaintext.
 *
 * @param refused the sessions that the rules mean, whoever was excluded
 */
public record SessionsToEnd(Predicate<ServerConnection> refused, SessionExclusions exclusions)
    implements Predicate<ServerConnection> {

  @Override
  public boolean test(ServerConnection connection) {
    return refused.test(connection) && !exclusions.matches(connection);
  }

  /** Left because the caller said so. */
  public boolean leaves(ServerConnection connection) {
    return refused.test(connection) && exclusions.matches(connection);
  }
}
