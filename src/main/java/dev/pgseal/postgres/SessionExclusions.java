package dev.pgseal.postgres;

import dev.pgseal.egress.Network;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.net.InetAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that are to be left alone. One that matches any entry is excluded.
 *
 * @param usernames exact
 * @param applicationNames exact
 * @param clientAddresses IP addresses, or networks such as {@code 10.0.0.0/8}
 */
public record SessionExclusions(
    @Nullable List<String> usernames,
    @Nullable List<String> applicationNames,
    @Nullable List<String> clientAddresses) {

  public static final SessionExclusions NONE = new SessionExclusions(null, null, null);

  public SessionExclusions {
    usernames = usernames == null ? List.of() : List.copyOf(usernames);
    applicationNames = applicationNames == null ? List.of() : List.copyOf(applicationNames);
    clientAddresses = clientAddresses == null ? List.of() : List.copyOf(clientAddresses);
  }

  /**
   * The same, seen to make sense.
   *
   * @throws PgsealException {@code VALIDATION_FAILED} for an address that is none
   */
  public SessionExclusions checked() {
    clientAddresses.forEach(SessionExclusions::network);
    return this;
  }

  public boolean matches(ServerConnection connection) {
    return names(usernames, connection.username())
        || names(applicationNames, connection.applicationName())
        || fromExcludedAddress(connection.clientAddress());
  }

  /** A session that still authenticates has no name yet (seen since PostgreSQL 18). */
  private static boolean names(List<String> excluded, @Nullable String name) {
    return name != null && excluded.contains(name);
  }

  private boolean fromExcludedAddress(@Nullable String clientAddress) {
    if (clientAddress == null || clientAddresses.isEmpty()) {
      return false;
    }
    InetAddress address = network(clientAddress).address();
    return clientAddresses.stream().anyMatch(text -> network(text).contains(address));
  }

  private static Network network(String text) {
    try {
      return Network.parse(text);
    } catch (IllegalArgumentException e) {
      throw new PgsealException(
              ProblemType.VALIDATION_FAILED, "exclude.clientAddresses: " + e.getMessage())
          .with("field", "exclude.clientAddresses")
          .hint("Give IP addresses or networks, such as 10.1.2.3, 10.0.0.0/8 or fd00::/8");
    }
  }
}
