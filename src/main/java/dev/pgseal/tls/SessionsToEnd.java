package dev.pgseal.tls;

import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.SessionExclusions;
import java.util.function.Predicate;

/**
 * Which sessions are not to stay once plaintext is refused: those in plaintext over TCP, but for
 * the excluded ones. GSS-encrypted sessions and those over a Unix socket are no plaintext.
 */
public record SessionsToEnd(SessionExclusions exclusions) implements Predicate<ServerConnection> {

  @Override
  public boolean test(ServerConnection connection) {
    return StragglerScan.PLAINTEXT.test(connection) && !exclusions.matches(connection);
  }

  /** In plaintext, and left because the caller said so. */
  public boolean leaves(ServerConnection connection) {
    return StragglerScan.PLAINTEXT.test(connection) && exclusions.matches(connection);
  }
}
