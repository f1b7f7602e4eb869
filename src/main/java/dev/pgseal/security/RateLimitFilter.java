package dev.pgseal.security;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemDocument;
import dev.pgseal.problem.ProblemType;
import io.quarkus.security.identity.SecurityIdentity;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.quarkus.vertx.http.runtime.security.QuarkusHttpUser;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.time.Duration;
import java.util.Optional;

/**
 * Holds callers of the API to {@link RateLimits} and tells them how they stand
 * (draft-ietf-httpapi-ratelimit-headers-09). A stream or an answer that is waited for is one
 * request. Whoever sends a wrong token is {@link FailedAttempts}' concern.
 */
@ApplicationScoped
class RateLimitFilter {

  private static final String API = "/v1";

  /** After authentication (200) and before the check of paths and roles (100). */
  private static final int PRIORITY = 150;

  private final RateLimits limits;
  private final RateLimitConfig config;

  RateLimitFilter(RateLimits limits, RateLimitConfig config) {
    this.limits = limits;
    this.config = config;
  }

  void register(@Observes Filters filters) {
    if (config.enabled()) {
      filters.register(this::handle, PRIORITY);
    }
  }

  private void handle(RoutingContext context) {
    if (!context.normalizedPath().startsWith(API)) {
      context.next();
      return;
    }
    Optional<String> caller = caller(context);
    String policy = caller.isPresent() ? "caller" : "origin";
    RateLimits.Standing standing =
        caller
            .map(limits::ofCaller)
            .orElseGet(() -> limits.ofOrigin(ClientOrigin.of(context.request())));
    tell(context.response(), policy, standing);
    if (standing.admitted()) {
      context.next();
    } else {
      refuse(context, standing.retryAfter());
    }
  }

  private static Optional<String> caller(RoutingContext context) {
    return context.user() instanceof QuarkusHttpUser user
        ? Optional.ofNullable(user.getSecurityIdentity())
            .filter(identity -> !identity.isAnonymous())
            .map(SecurityIdentity::getPrincipal)
            .map(java.security.Principal::getName)
        : Optional.empty();
  }

  /** The window is the time in which an empty bucket fills. */
  private void tell(HttpServerResponse response, String policy, RateLimits.Standing standing) {
    long window = Math.max(1, -Math.floorDiv(-config.burst(), config.requestsPerSecond()));
    response
        .putHeader("RateLimit-Policy", "\"%s\";q=%d;w=%d".formatted(policy, config.burst(), window))
        .putHeader(
            "RateLimit",
            "\"%s\";r=%d;t=%d"
                .formatted(policy, standing.remaining(), seconds(standing.untilFull())));
  }

  private static void refuse(RoutingContext context, Duration wait) {
    PgsealException problem =
        new PgsealException(
                ProblemType.TOO_MANY_REQUESTS, "More requests came than one caller may send")
            .hint("Wait for Retry-After, and send fewer at once");
    String requestId = context.response().headers().get("X-Request-Id");
    if (requestId != null) {
      problem.with("requestId", requestId);
    }
    context.request().resume(); // the body is thrown away, so that the connection can go on
    context
        .response()
        .setStatusCode(problem.type().status())
        .putHeader("Retry-After", Long.toString(Math.max(1, seconds(wait))))
        .putHeader("Content-Type", ProblemDocument.MEDIA_TYPE)
        .end(
            new JsonObject(ProblemDocument.of(problem, context.normalizedPath())).encodePrettily());
  }

  /** Rounded up. */
  private static long seconds(Duration time) {
    return time.plusNanos(999_999_999).toSeconds();
  }
}
