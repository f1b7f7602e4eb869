package dev.pgseal.security;

import io.quarkus.oidc.AccessTokenCredential;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.SecurityIdentityAugmentor;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/**
 * The last word on every identity, whoever made it: without a {@link Grant} it has no role. That of
 * a verified JWT gets its grant here, and loses the roles that the framework took from its claims.
 */
@ApplicationScoped
class GrantedIdentities implements SecurityIdentityAugmentor {

  private final OidcCallers oidc;

  GrantedIdentities(OidcCallers oidc) {
    this.oidc = oidc;
  }

  @Override
  public Uni<SecurityIdentity> augment(
      SecurityIdentity identity, AuthenticationRequestContext context) {
    return Uni.createFrom().item(() -> granted(identity));
  }

  private SecurityIdentity granted(SecurityIdentity identity) {
    if (identity.isAnonymous()
        || identity.getAttribute(Grant.ATTRIBUTE) instanceof Grant
        || identity.getAttribute(Refusal.ATTRIBUTE) instanceof Refusal) {
      return identity;
    }
    AccessTokenCredential jwt = identity.getCredential(AccessTokenCredential.class);
    if (jwt != null) {
      return oidc.of(jwt.getToken());
    }
    return CallerIdentity.refused(
        identity.getPrincipal().getName(),
        new Refusal("The caller is known, but was given no role", "Ask an admin for a token"));
  }

  /** After all others. */
  @Override
  public int priority() {
    return Integer.MIN_VALUE;
  }
}
