package dev.pgseal.rollout;

import dev.pgseal.postgres.Walsender;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.rollout.Topology.Inspected;
import dev.pgseal.rollout.Topology.Receiver;
import dev.pgseal.server.ManagedServer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which walsender belongs to which standby.
 *
 * <p>A standby's upstream is, of the servers with its system identifier, the one that has a
 * walsender of its slot or its name at the address from which it says to receive; failing the
 * address, the one with such a walsender; failing that, the one at the address; and while its
 * stream is down the primary, if there is one only.
 */
final class Streams {

  private final List<Inspected> all;
  private final Map<Inspected, Inspected> upstreams = new HashMap<>();
  private final Map<Inspected, List<Walsender>> strangers = new HashMap<>();

  Streams(List<Inspected> all) {
    this.all = all;
    for (Inspected standby : all) {
      if (standby.inRecovery()) {
        find(standby).ifPresent(upstream -> upstreams.put(standby, upstream));
      }
    }
    all.stream().filter(this::inACircle).forEach(this::followPrimary);
    all.forEach(server -> strangers.put(server, leftOver(server)));
  }

  Optional<Inspected> upstream(Inspected standby) {
    return Optional.ofNullable(upstreams.get(standby));
  }

  int depth(Inspected server) {
    int depth = 0;
    for (Inspected at = upstreams.get(server); at != null; at = upstreams.get(at)) {
      depth++;
    }
    return depth;
  }

  List<Walsender> strangers(Inspected server) {
    return strangers.getOrDefault(server, List.of());
  }

  List<String> remarks(Inspected server) {
    List<String> remarks = new ArrayList<>();
    for (String slot : server.idleSlots()) {
      remarks.add(
          "the replication slot %s is not in use: its standby is away, and has to ask for TLS when it comes back"
              .formatted(slot));
    }
    if (!server.synchronousStandbyNames().isEmpty()) {
      boolean anybody =
          server.walsenders().stream()
              .anyMatch(w -> "sync".equals(w.syncState()) || "quorum".equals(w.syncState()));
      remarks.add(
          "synchronous_standby_names is %s: commits wait for it%s"
              .formatted(
                  server.synchronousStandbyNames(),
                  anybody ? " while a stream is moved" : ", and no such standby streams now"));
    }
    if (server.inRecovery() && upstream(server).isEmpty()) {
      Receiver receiver = server.receiver();
      remarks.add(
          "it streams from %s, which is not of this rollout: its own stream stays as it is"
              .formatted(
                  receiver == null || receiver.senderHost() == null
                      ? "a server"
                      : receiver.senderHost() + ":" + receiver.senderPort()));
    }
    return List.copyOf(remarks);
  }

  private Optional<Inspected> find(Inspected standby) {
    return all.stream()
        .filter(other -> other != standby && other.sameSystem(standby))
        .filter(other -> likeness(standby, other) > 0)
        .max(Comparator.comparingInt((Inspected other) -> likeness(standby, other)))
        .or(() -> primary(standby));
  }

  private static int likeness(Inspected standby, Inspected upstream) {
    Receiver receiver = standby.receiver();
    if (receiver == null || !receiver.streaming()) {
      return 0;
    }
    boolean known = upstream.walsenders().stream().anyMatch(receiver.name()::fits);
    boolean there = isAt(upstream.server(), receiver.senderHost(), receiver.senderPort());
    return (known ? 2 : 0) + (there ? 1 : 0);
  }

  private static boolean isAt(ManagedServer server, @Nullable String host, @Nullable Integer port) {
    return host != null
        && port != null
        && port == server.port()
        && (host.equals(server.host()) || server.endpoints().contains(host));
  }

  private Optional<Inspected> primary(Inspected standby) {
    List<Inspected> primaries =
        all.stream().filter(other -> !other.inRecovery() && other.sameSystem(standby)).toList();
    if (primaries.size() > 1) {
      throw new PgsealException(
              ProblemType.VALIDATION_FAILED,
              "%s does not stream now, and %s are all primaries with its system identifier: which is its own cannot be told"
                  .formatted(
                      standby.server().name(),
                      primaries.stream()
                          .map(primary -> primary.server().name())
                          .collect(Collectors.joining(", "))))
          .with("server", standby.server().name())
          .hint("Start its stream, or take the cluster of each primary on in a rollout of its own");
    }
    return primaries.stream().findFirst();
  }

  private boolean inACircle(Inspected server) {
    Inspected at = upstreams.get(server);
    for (int i = 0; at != null && i <= all.size(); i++) {
      if (at == server) {
        return true;
      }
      at = upstreams.get(at);
    }
    return false;
  }

  private void followPrimary(Inspected standby) {
    upstreams.remove(standby);
    primary(standby).ifPresent(primary -> upstreams.put(standby, primary));
  }

  /** Each member that streams from it takes one walsender away, the most like it. */
  private List<Walsender> leftOver(Inspected server) {
    List<Walsender> left = new ArrayList<>(server.walsenders());
    for (Inspected standby : all) {
      Receiver receiver = standby.receiver();
      if (upstreams.get(standby) == server && receiver != null && receiver.streaming()) {
        left.stream()
            .filter(receiver.name()::fits)
            .max(Comparator.comparing(w -> standby.server().host().equals(w.clientAddress())))
            .ifPresent(left::remove);
      }
    }
    return List.copyOf(left);
  }
}
