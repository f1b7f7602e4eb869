package dev.pgseal.rollout;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The servers of a rollout with who streams from whom.
 *
 * <p>A physical standby has its primary's system identifier (pg_control), so that tells them apart
 * without trusting names or addresses.
 */
public record Topology(List<Member> members) {

  /**
   * @param primary the primary among the members that this standby streams from; null for a
   *     primary, and for a standby whose primary is not of the rollout
   */
  public record Member(
      ManagedServer server,
      boolean standby,
      String systemIdentifier,
      @org.jspecify.annotations.Nullable ManagedServer primary) {}

  /** A server as it was inspected. */
  public record Inspected(ManagedServer server, boolean inRecovery, String systemIdentifier) {}

  /**
   * Primaries first, then their standbys, each in the order given.
   *
   * @throws PgsealException {@code VALIDATION_FAILED} when two primaries claim one system
   */
  public static Topology of(List<Inspected> inspected) {
    Map<String, ManagedServer> primaries = new LinkedHashMap<>();
    for (Inspected one : inspected) {
      if (!one.inRecovery()) {
        ManagedServer other = primaries.put(one.systemIdentifier(), one.server());
        if (other != null) {
          throw new PgsealException(
                  ProblemType.VALIDATION_FAILED,
                  "%s and %s are primaries with one system identifier: the same server twice, or a split brain"
                      .formatted(other.name(), one.server().name()))
              .hint("Name each server once");
        }
      }
    }
    List<Member> members = new ArrayList<>();
    inspected.stream().filter(i -> !i.inRecovery()).forEach(i -> members.add(member(i, null)));
    inspected.stream()
        .filter(Inspected::inRecovery)
        .forEach(i -> members.add(member(i, primaries.get(i.systemIdentifier()))));
    return new Topology(List.copyOf(members));
  }

  private static Member member(
      Inspected inspected, @org.jspecify.annotations.Nullable ManagedServer primary) {
    return new Member(
        inspected.server(), inspected.inRecovery(), inspected.systemIdentifier(), primary);
  }

  public Optional<Member> member(String name) {
    return members.stream().filter(m -> m.server().name().equals(name)).findFirst();
  }
}
