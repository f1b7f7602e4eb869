package dev.pgseal.security;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.smallrye.mutiny.Uni;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * {@code Authorization: Bearer …} (RFC 6750 §2.1): tokens of pgseal, and JWTs of the OpenID
 * provider when there is one ({@link OidcTokens}). And the answer to who comes without, or with a
 * wrong one: 401, and 429 to who tries too many ({@link FailedAttempts}).
 */
@ApplicationScoped
public class BearerMechanism implements HttpAuthenticationMechanism {

  private static final String SCHEME = "Bearer ";

  /** Who sends a token wants to be known by it: it is looked at before a client certificate. */
  static final int PRIORITY = 3000;

  private static final int RETRY_PROVIDER_SECONDS = 5;

  private final FailedAttempts failures;
  private final OidcTokens oidc;

  BearerMechanism(FailedAttempts failures, OidcTokens oidc) {
    this.failures = failures;
    this.oidc = oidc;
  }

  @Override
  public int getPriority() {
    return PRIORITY;
  }

  @Override
  public Uni<SecurityIdentity> authenticate(
      RoutingContext context, IdentityProviderManager identityProviders) {
    return token(context)
        .map(
            token ->
                oidc.takes(token)
                    ? oidc.authenticate(context, identityProviders, this)
                    : identityProviders.authenticate(new ApiTokenRequest(token)))
        .orElseGet(() -> Uni.createFrom().nullItem());
  }

  private static Optional<String> token(RoutingContext context) {
    return Optional.ofNullable(context.request().getHeader("Authorization"))
        .filter(header -> header.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
        .map(header -> header.substring(SCHEME.length()).trim());
  }

  @Override
  public Uni<ChallengeData> getChallenge(RoutingContext context) {
    return Uni.createFrom()
        .item(
            new ChallengeData(
                ProblemType.UNAUTHENTICATED.status(), "WWW-Authenticate", challenge(context)));
  }

  /** RFC 6750 §3: no error code when the request had no token at all. */
  private static String challenge(RoutingContext context) {
    return token(context).isPresent()
        ? "Bearer realm=\"pgseal\", error=\"invalid_token\""
        : "Bearer realm=\"pgseal\"";
  }

  @Override
  public Uni<Boolean> sendChallenge(RoutingContext context) {
    if (OidcTokens.providerAway(context)) {
      context.response().putHeader("Retry-After", Integer.toString(RETRY_PROVIDER_SECONDS));
      return ProblemAnswer.send(context, providerAway());
    }
    Optional<Duration> wait =
        token(context).isPresent()
            ? failures.failed(ClientOrigin.of(context.request()))
            : Optional.empty();
    wait.ifPresent(
        time ->
            context
                .response()
                .putHeader("Retry-After", Long.toString(time.plusNanos(999_999_999).toSeconds())));
    context.response().putHeader("WWW-Authenticate", challenge(context));
    return ProblemAnswer.send(
        context, wait.isPresent() ? tooMany() : unauthenticated(token(context).isPresent()));
  }

  private static PgsealException providerAway() {
    return new PgsealException(
            ProblemType.IDENTITY_PROVIDER_AWAY,
            "The OpenID provider does not answer, so this token cannot be verified")
        .hint("Try again later; the service's log has the reason. Tokens of pgseal go on working");
  }

  private static PgsealException unauthenticated(boolean withToken) {
    return withToken
        ? new PgsealException(
            ProblemType.UNAUTHENTICATED, "The token is unknown, has expired or was deleted")
        : new PgsealException(ProblemType.UNAUTHENTICATED, "The request has no bearer token")
            .hint("Send the header Authorization: Bearer pgs_…");
  }

  private static PgsealException tooMany() {
    return new PgsealException(
            ProblemType.TOO_MANY_REQUESTS, "Too many wrong tokens came from this address")
        .hint("Look at the token; a valid one is let in at any time");
  }

  @Override
  public Set<Class<? extends AuthenticationRequest>> getCredentialTypes() {
    return Set.of(ApiTokenRequest.class);
  }
}
