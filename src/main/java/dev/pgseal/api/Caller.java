package dev.pgseal.api;

import dev.pgseal.job.Requester;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.ApiToken;
import dev.pgseal.security.Grant;
import dev.pgseal.security.Refusal;
import dev.pgseal.security.Role;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.enterprise.context.RequestScoped;
import java.util.List;
import java.util.Optional;

/**
 * Who sent the request: the name, as it is recorded with what was done, and what it is good for.
 */
@RequestScoped
public class Caller {

  private final SecurityIdentity identity;

  Caller(SecurityIdentity identity) {
    this.identity = identity;
  }

  public String name() {
    return identity.getPrincipal().getName();
  }

  public boolean has(Role role) {
    return identity.hasRole(role.word());
  }

  /**
   * @throws PgsealException {@code FORBIDDEN} for an identity without a grant, which is good for
   *     nothing
   */
  public Grant grant() {
    if (identity.getAttribute(Grant.ATTRIBUTE) instanceof Grant grant) {
      return grant;
    }
    throw new PgsealException(ProblemType.FORBIDDEN, name() + " was given no role");
  }

  /** With the makers of the token, for what must not be done alone. */
  Requester actor() {
    List<String> madeBy = identity.getAttribute(ApiToken.MADE_BY_ATTRIBUTE);
    return new Requester(name(), madeBy == null ? List.of() : madeBy);
  }

  /** Why somebody who is known may do nothing. */
  Optional<Refusal> refusal() {
    return Optional.ofNullable(identity.getAttribute(Refusal.ATTRIBUTE));
  }
}
