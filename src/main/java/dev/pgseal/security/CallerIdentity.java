package dev.pgseal.security;

import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.runtime.QuarkusPrincipal;
import io.quarkus.security.runtime.QuarkusSecurityIdentity;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The two kinds of identity that there are: one with a grant, whose roles are the grant's with all
 * that they imply, and one that is known but good for nothing. However somebody proves who they
 * are, nothing else decides what they may do.
 */
final class CallerIdentity {

  private CallerIdentity() {}

  /**
   * @param name recorded with everything that is done: a token's name, or with a prefix that no
   *     token's name can have
   */
  static SecurityIdentity granted(String name, Grant grant) {
    return granted(name, grant, List.of());
  }

  /**
   * @param madeBy the makers of the token it came with
   */
  static SecurityIdentity granted(String name, Grant grant, List<String> madeBy) {
    return QuarkusSecurityIdentity.builder()
        .setPrincipal(new QuarkusPrincipal(name))
        .addRoles(Role.implied(grant.roles()).stream().map(Role::word).collect(Collectors.toSet()))
        .addAttribute(Grant.ATTRIBUTE, grant)
        .addAttribute(ApiToken.MADE_BY_ATTRIBUTE, madeBy)
        .build();
  }

  /** Without a role: every operation that needs one is answered 403 with the refusal. */
  static SecurityIdentity refused(String name, Refusal refusal) {
    return QuarkusSecurityIdentity.builder()
        .setPrincipal(new QuarkusPrincipal(name))
        .addAttribute(Refusal.ATTRIBUTE, refusal)
        .build();
  }
}
