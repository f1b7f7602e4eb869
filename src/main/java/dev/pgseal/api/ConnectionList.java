package dev.pgseal.api;

import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.ServerConnection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * The sessions that fit, and how many there are of each kind.
 *
 * @param byEncryption number of sessions
 * @param summary number of sessions by who holds them and how they are encrypted, most first
 */
public record ConnectionList(
    List<ServerConnection> connections, Map<Encryption, Long> byEncryption, List<Group> summary) {

  /** Sessions of one user, application and address with one encryption. */
  @Schema(name = "ConnectionGroup")
  public record Group(
      @Nullable String username,
      @Nullable String applicationName,
      @Nullable String clientAddress,
      Encryption encryption,
      long sessions) {}

  private record Key(
      @Nullable String username,
      @Nullable String applicationName,
      @Nullable String clientAddress,
      Encryption encryption) {}

  static ConnectionList of(List<ServerConnection> connections) {
    Map<Encryption, Long> byEncryption =
        connections.stream()
            .collect(
                Collectors.groupingBy(
                    ServerConnection::encryption, TreeMap::new, Collectors.counting()));
    Map<Key, Long> groups =
        connections.stream()
            .collect(
                Collectors.groupingBy(
                    c ->
                        new Key(
                            c.username(), c.applicationName(), c.clientAddress(), c.encryption()),
                    Collectors.counting()));
    List<Group> summary =
        groups.entrySet().stream()
            .map(
                e ->
                    new Group(
                        e.getKey().username(),
                        e.getKey().applicationName(),
                        e.getKey().clientAddress(),
                        e.getKey().encryption(),
                        e.getValue()))
            .sorted((a, b) -> Long.compare(b.sessions(), a.sessions()))
            .toList();
    return new ConnectionList(connections, byEncryption, summary);
  }
}
