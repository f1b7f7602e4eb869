package dev.pgseal.security;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemDocument;
import dev.pgseal.problem.ProblemType;
import io.quarkus.security.credential.TokenCredential;
import io.quarkus.security.identity.IdentityProviderManager;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.security.identity.request.AuthenticationRequest;
import io.quarkus.security.identity.request.TokenAuthenticationRequest;
import io.quarkus.vertx.http.runtime.security.ChallengeData;
import io.quarkus.vertx.http.runtime.security.HttpAuthenticationMechanism;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * {@code Authorization: Bearer …} (RFC 6750 §2.1), and the answer to who comes without, or with a
 * wrong one: 401, and 429 to who tries too many ({@link FailedAttempts}).
 */
@ApplicationScoped
public class BearerMechanism implements HttpAuthenticationMechanism {

  private static final String SCHEME = "Bearer ";

  private final FailedAttempts failures;

  BearerMechanism(FailedAttempts failures) {
    this.failures = failures;
  }

  @Override
  public Uni<SecurityIdentity> authenticate(
      RoutingContext context, IdentityProviderManager identityProviders) {
    return token(context)
        .map(
            token ->
                identityProviders.authenticate(
                    new TokenAuthenticationRequest(new TokenCredential(token, "bearer"))))
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
    Optional<Duration> wait =
        token(context).isPresent()
            ? failures.failed(ClientOrigin.of(context.request()))
            : Optional.empty();
    wait.ifPresent(
        time ->
            context
                .response()
                .putHeader("Retry-After", Long.toString(time.plusNanos(999_999_999).toSeconds())));
    PgsealException problem =
        wait.isPresent() ? tooMany() : unauthenticated(token(context).isPresent());
    String requestId = context.response().headers().get("X-Request-Id");
    if (requestId != null) {
      problem.with("requestId", requestId);
    }
    String body =
        new JsonObject(ProblemDocument.of(problem, context.normalizedPath())).encodePrettily();
    context
        .response()
        .setStatusCode(problem.type().status())
        .putHeader("WWW-Authenticate", challenge(context))
        .putHeader("Content-Type", ProblemDocument.MEDIA_TYPE);
    return Uni.createFrom()
        .completionStage(context.response().end(body).toCompletionStage())
        .replaceWith(true);
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
    return Set.of(TokenAuthenticationRequest.class);
  }
}
