package dev.pgseal.hba;

import java.net.InetAddress;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A connection as check_hba sees it. Names are readable texts and are cut to 63 bytes as the server
 * does.
 *
 * @param client address of the client, null for a Unix socket
 * @param database database asked for; without meaning for physical replication
 * @param physicalReplication a walsender without a database ({@code replication=true}); logical
 *     replication ({@code replication=database}) is an ordinary connection here
 * @param memberOf whether the user is a direct or indirect member of that role (superusers are not
 *     by themselves; a role is a member of itself), null when unknown
 * @param interfaces null when unknown
 * @param hostName the client's host name that reverse and forward lookup agree on, null when
 *     unknown
 */
public record ConnectionAttempt(
    @Nullable InetAddress client,
    Transport transport,
    String database,
    String user,
    boolean physicalReplication,
    @Nullable Predicate<String> memberOf,
    @Nullable ServerInterfaces interfaces,
    @Nullable String hostName) {

  public ConnectionAttempt {
    if ((client == null) != (transport == Transport.LOCAL)) {
      throw new IllegalArgumentException("a client address is for TCP, and TCP needs one");
    }
  }

  public static ConnectionAttempt local(String database, String user) {
    return new ConnectionAttempt(null, Transport.LOCAL, database, user, false, null, null, null);
  }

  public static ConnectionAttempt tcp(
      InetAddress client, Transport transport, String database, String user) {
    return new ConnectionAttempt(client, transport, database, user, false, null, null, null);
  }

  public ConnectionAttempt asPhysicalReplication() {
    return new ConnectionAttempt(
        client, transport, database, user, true, memberOf, interfaces, hostName);
  }

  /** The roles that the user is a member of; itself is added. */
  public ConnectionAttempt withRoles(Set<String> roles) {
    return withMembership(role -> role.equals(user) || roles.contains(role));
  }

  public ConnectionAttempt withMembership(Predicate<String> membership) {
    return new ConnectionAttempt(
        client, transport, database, user, physicalReplication, membership, interfaces, hostName);
  }

  public ConnectionAttempt withInterfaces(ServerInterfaces known) {
    return new ConnectionAttempt(
        client, transport, database, user, physicalReplication, memberOf, known, hostName);
  }

  public ConnectionAttempt withHostName(String known) {
    return new ConnectionAttempt(
        client, transport, database, user, physicalReplication, memberOf, interfaces, known);
  }
}
