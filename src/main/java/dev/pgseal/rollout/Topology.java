package dev.pgseal.rollout;

import dev.pgseal.postgres.Walsender;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.StreamName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The servers of a rollout with who streams from whom, cascades included.
 *
 * <p>A physical standby has its primary's system identifier (pg_control), and belongs, among the
 * servers that have it, to the one whose walsender it is ({@link Streams}). Several primaries may
 * have one: clusters that were cloned.
 */
public record Topology(List<Member> members) {

  /**
   * @param primary the server among the members that this standby streams from, which in a cascade
   *     is a standby itself; null for a primary, and for a standby whose upstream is not of the
   *     rollout
   * @param depth how many streams lie between it and the first of its cascade; 0 for a primary
   * @param strangers walsenders of this server that are no member's
   * @param remarks what else of replication a person should know
   */
  public record Member(
      ManagedServer server,
      boolean standby,
      @Nullable String systemIdentifier,
      @Nullable ManagedServer primary,
      int depth,
      List<Walsender> strangers,
      List<String> remarks) {}

  /**
   * How a standby receives.
   *
   * @param streaming false while its stream is down
   * @param senderHost as its walreceiver says; null when it does not
   */
  public record Receiver(
      StreamName name,
      boolean streaming,
      @Nullable String senderHost,
      @Nullable Integer senderPort) {}

  /**
   * A server as it was inspected.
   *
   * @param startedAt {@code pg_postmaster_start_time()} as text; clones, such as of a machine's
   *     image, have one system identifier, but not this
   * @param receiver null for a primary
   * @param walsenders physical ones, base backups left out
   */
  public record Inspected(
      ManagedServer server,
      boolean inRecovery,
      @Nullable String systemIdentifier,
      @Nullable String startedAt,
      @Nullable Receiver receiver,
      List<Walsender> walsenders,
      List<String> idleSlots,
      String synchronousStandbyNames) {

    /** A server that could not be looked at. */
    static Inspected unknown(ManagedServer server) {
      return new Inspected(server, false, null, null, null, List.of(), List.of(), "");
    }

    boolean sameSystem(Inspected other) {
      return systemIdentifier != null && systemIdentifier.equals(other.systemIdentifier);
    }
  }

  /**
   * Primaries first, then their standbys, then the standbys of those, each in the order given.
   *
   * @throws PgsealException {@code VALIDATION_FAILED} when two names are one server, or when it
   *     cannot be told to which of several primaries a standby belongs
   */
  public static Topology of(List<Inspected> inspected) {
    requireEachOnce(inspected);
    Streams streams = new Streams(inspected);
    List<Member> members = new ArrayList<>();
    for (Inspected one : inspected) {
      Inspected upstream = streams.upstream(one).orElse(null);
      members.add(
          new Member(
              one.server(),
              one.inRecovery(),
              one.systemIdentifier(),
              upstream == null ? null : upstream.server(),
              streams.depth(one),
              streams.strangers(one),
              streams.remarks(one)));
    }
    members.sort(
        Comparator.comparing(Member::standby).thenComparing(Comparator.comparing(Member::depth)));
    return new Topology(List.copyOf(members));
  }

  private static void requireEachOnce(List<Inspected> inspected) {
    Map<String, ManagedServer> running = new LinkedHashMap<>();
    for (Inspected one : inspected) {
      if (one.systemIdentifier() == null || one.startedAt() == null) {
        continue;
      }
      ManagedServer other =
          running.put(one.systemIdentifier() + " " + one.startedAt(), one.server());
      if (other != null) {
        throw new PgsealException(
                ProblemType.VALIDATION_FAILED,
                "%s and %s are the same server: one system identifier, started at the same instant"
                    .formatted(other.name(), one.server().name()))
            .hint("Name each server once");
      }
    }
  }

  /**
   * Each primary with its standbys, and servers that stand alone; in the order of the first of each
   * among {@code names}.
   */
  List<Topology> clusters(List<String> names) {
    Map<String, List<Member>> clusters = new LinkedHashMap<>();
    for (String name : names) {
      clusters.computeIfAbsent(first(member(name).orElseThrow()), first -> new ArrayList<>());
    }
    members.forEach(member -> clusters.get(first(member)).add(member));
    return clusters.values().stream().map(Topology::new).toList();
  }

  /** The server from which, over others or not, all of its cluster streams. */
  private String first(Member member) {
    Member at = member;
    while (at.primary() != null) {
      at = member(at.primary().name()).orElseThrow();
    }
    return at.server().name();
  }

  public Optional<Member> member(String name) {
    return members.stream().filter(m -> m.server().name().equals(name)).findFirst();
  }
}
