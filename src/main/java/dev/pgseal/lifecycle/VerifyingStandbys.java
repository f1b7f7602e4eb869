package dev.pgseal.lifecycle;

import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerFactsReader;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerStore;
import dev.pgseal.tls.ServerAccess;
import dev.pgseal.tls.StreamTrust;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Finds the standbys that verify the server which they stream from. */
@ApplicationScoped
public class VerifyingStandbys {

  private static final int PAGE = 200;

  private static final String SENDER =
      "SELECT sender_host, sender_port FROM pg_stat_wal_receiver WHERE sender_host IS NOT NULL";

  private final ServerStore servers;
  private final ServerAccess access;
  private final ServerFactsReader facts;
  private final StreamTrust streams;

  public VerifyingStandbys(
      ServerStore servers, ServerAccess access, ServerFactsReader facts, StreamTrust streams) {
    this.servers = servers;
    this.access = access;
    this.facts = facts;
    this.streams = streams;
  }

  private record Address(String host, int port) {}

  private record Standby(String system, Optional<Address> sender) {}

  /**
   * The standbys of these servers, each with the name of the one that it streams from: the server
   * at the address that its walreceiver names (it may be a standby itself), or else the primary of
   * the same cluster.
   *
   * @throws PgsealException {@code SERVER_UNREACHABLE} naming all servers that cannot be looked at
   */
  Map<String, String> of(List<ManagedServer> senders, Set<String> ignored) {
    Map<String, String> primaryOf = new HashMap<>();
    Map<String, Standby> standbys = new TreeMap<>();
    Map<String, String> unknown = new TreeMap<>();
    List<ManagedServer> all = all();
    for (ManagedServer server : all) {
      if (ignored.contains(server.name())) {
        continue;
      }
      try (PostgresSession session = access.fresh(server)) {
        String system = facts.read(session).systemIdentifier();
        if (!inRecovery(session)) {
          primaryOf.put(system, server.name());
        } else if (streams.verifies(session)) {
          standbys.put(server.name(), new Standby(system, sender(session)));
        }
      } catch (PgsealException e) {
        unknown.put(server.name(), e.detail());
      }
    }
    requireKnown(unknown);
    Map<Address, String> at =
        all.stream()
            .collect(
                Collectors.toMap(
                    server -> new Address(server.host(), server.port()),
                    ManagedServer::name,
                    (one, other) -> one));
    Set<String> wanted = senders.stream().map(ManagedServer::name).collect(Collectors.toSet());
    Map<String, String> result = new TreeMap<>();
    standbys.forEach(
        (name, standby) ->
            standby
                .sender()
                .map(at::get)
                .or(() -> Optional.ofNullable(primaryOf.get(standby.system())))
                .filter(wanted::contains)
                .ifPresent(sender -> result.put(name, sender)));
    return result;
  }

  private static Optional<Address> sender(PostgresSession standby) {
    return standby.queryOne(SENDER, row -> new Address(row.getString(1), row.getInt(2)));
  }

  private static void requireKnown(Map<String, String> unknown) {
    if (!unknown.isEmpty()) {
      throw new PgsealException(
              ProblemType.SERVER_UNREACHABLE,
              "Whether these are standbys that verify their primary with this authority cannot be seen: "
                  + String.join(", ", unknown.keySet()))
          .with("servers", unknown)
          .hint("Bring them back, or name them in ignore");
    }
  }

  private List<ManagedServer> all() {
    List<ManagedServer> all = new ArrayList<>();
    List<ManagedServer> page;
    do {
      String after = all.isEmpty() ? null : all.get(all.size() - 1).name();
      page = servers.list(Map.of(), after, PAGE);
      all.addAll(page);
    } while (page.size() == PAGE);
    return all;
  }

  private static boolean inRecovery(PostgresSession session) {
    return session.queryOne("SELECT pg_is_in_recovery()", row -> row.getBoolean(1)).orElse(false);
  }
}
