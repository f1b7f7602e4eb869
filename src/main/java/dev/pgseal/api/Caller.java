package dev.pgseal.api;

import dev.pgseal.security.Grant;
import dev.pgseal.security.Role;
import io.quarkus.security.identity.SecurityIdentity;
import jakarta.enterprise.context.RequestScoped;

/**
 * Who sent the request: the name of the token, as it is recorded with what was done, and what it is
 * good for.
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
   * @throws IllegalStateException for an identity without a grant, which is good for nothing
   */
  public Grant grant() {
    if (identity.getAttribute(Grant.ATTRIBUTE) instanceof Grant grant) {
      return grant;
    }
    throw new IllegalStateException(name() + " has no grant");
  }
}
