package dev.pgseal.security;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.Map;
import java.util.Set;

/**
 * What somebody was given: roles, and the servers they are good for.
 *
 * @param serverLabels only servers that have all of these labels; empty for all servers
 */
public record Grant(Set<Role> roles, Map<String, String> serverLabels) {

  /** The attribute of a security identity that holds the grant. */
  public static final String ATTRIBUTE = "pgseal.grant";

  /** Everything, everywhere. */
  public static final Grant ADMIN = new Grant(Set.of(Role.ADMIN), Map.of());

  /**
   * @throws PgsealException {@code VALIDATION_FAILED} without a role, and for an admin of some
   *     servers only: tokens and authorities belong to no server, so whoever may make them reaches
   *     all
   */
  public Grant {
    roles = Set.copyOf(roles);
    serverLabels = Map.copyOf(serverLabels);
    if (roles.isEmpty()) {
      throw new PgsealException(ProblemType.VALIDATION_FAILED, "Without a role nothing is allowed")
          .with("field", "roles");
    }
    if (roles.contains(Role.ADMIN) && !serverLabels.isEmpty()) {
      throw new PgsealException(
              ProblemType.VALIDATION_FAILED, "An ADMIN cannot be limited to some servers")
          .hint("Who may make tokens and authorities reaches every server: use OPERATOR")
          .with("field", "serverLabels");
    }
  }

  /** Whether a server with these labels is among those the grant is good for. */
  public boolean covers(Map<String, String> labels) {
    return labels.entrySet().containsAll(serverLabels.entrySet());
  }

  /** Whether it is good for every server. */
  public boolean wholeFleet() {
    return serverLabels.isEmpty();
  }
}
