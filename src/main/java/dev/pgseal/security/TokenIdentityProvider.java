package dev.pgseal.security;

import io.quarkus.security.AuthenticationFailedException;
import io.quarkus.security.identity.AuthenticationRequestContext;
import io.quarkus.security.identity.IdentityProvider;
import io.quarkus.security.identity.SecurityIdentity;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/** Makes the caller of a token of pgseal: its name and its grant are the token's. */
@ApplicationScoped
class TokenIdentityProvider implements IdentityProvider<ApiTokenRequest> {

  private final Tokens tokens;

  TokenIdentityProvider(Tokens tokens) {
    this.tokens = tokens;
  }

  @Override
  public Class<ApiTokenRequest> getRequestType() {
    return ApiTokenRequest.class;
  }

  @Override
  public Uni<SecurityIdentity> authenticate(
      ApiTokenRequest request, AuthenticationRequestContext context) {
    return context.runBlocking(() -> identity(request.value()));
  }

  private SecurityIdentity identity(String value) {
    ApiToken token = tokens.use(value).orElseThrow(AuthenticationFailedException::new);
    return CallerIdentity.granted(token.name(), token.grant(), token.madeBy());
  }
}
