package dev.pgseal.security;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemDocument;
import io.smallrye.mutiny.Uni;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;

/** Writes a problem (RFC 9457) where no resource is reached. */
final class ProblemAnswer {

  private ProblemAnswer() {}

  /** The headers of the answer must have been set before. */
  static Uni<Boolean> send(RoutingContext context, PgsealException problem) {
    String requestId = context.response().headers().get("X-Request-Id");
    if (requestId != null) {
      problem.with("requestId", requestId);
    }
    String body =
        new JsonObject(ProblemDocument.of(problem, context.normalizedPath())).encodePrettily();
    context
        .response()
        .setStatusCode(problem.type().status())
        .putHeader("Content-Type", ProblemDocument.MEDIA_TYPE);
    return Uni.createFrom()
        .completionStage(context.response().end(body).toCompletionStage())
        .replaceWith(true);
  }
}
