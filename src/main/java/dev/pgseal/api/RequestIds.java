package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemDocument;
import dev.pgseal.problem.ProblemType;
import io.quarkus.runtime.configuration.MemorySize;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.UUID;
import java.util.regex.Pattern;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.MDC;

/**
 * What comes before every other handler: a request id (the caller's, if it is a harmless one) in
 * the answer and in the log, and the refusal of bodies that say they are too large and of paths
 * that are none. An {@code Accept} header that is none is taken away.
 */
@ApplicationScoped
class RequestIds {

  static final String HEADER = "X-Request-Id";
  static final String MDC_KEY = "requestId";

  private static final Pattern HARMLESS = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  /** Filters of a higher priority run first; Quarkus's own handlers come after all of them. */
  private static final int FIRST = 10_000;

  private final long maxBodySize;

  RequestIds(@ConfigProperty(name = "quarkus.http.limits.max-body-size") MemorySize maxBodySize) {
    this.maxBodySize = maxBodySize.asLongValue();
  }

  void register(@Observes Filters filters) {
    filters.register(this::handle, FIRST);
  }

  private void handle(RoutingContext context) {
    String given = context.request().getHeader(HEADER);
    String id =
        given != null && HARMLESS.matcher(given).matches() ? given : UUID.randomUUID().toString();
    context.response().putHeader(HEADER, id);
    MDC.put(MDC_KEY, id);
    String accept = context.request().getHeader(HttpHeaders.ACCEPT);
    if (accept != null && !AcceptHeader.isSound(accept)) {
      context.request().headers().remove(HttpHeaders.ACCEPT);
    }
    if (contentLength(context.request()) > maxBodySize) {
      // the body is not read
      context.response().putHeader("Connection", "close");
      refuse(
          context,
          new PgsealException(
                  ProblemType.PAYLOAD_TOO_LARGE,
                  "The body has more than the " + maxBodySize + " bytes that pgseal takes")
              .with("maxBytes", maxBodySize)
              .with(MDC_KEY, id));
    } else if (!RequestTarget.isSound(context.request().uri())) {
      refuse(
          context,
          new PgsealException(
                  ProblemType.BAD_REQUEST,
                  "The path and the query are no URI in UTF-8 (RFC 3986), or have U+0000 in them")
              .with(MDC_KEY, id));
    } else {
      context.next();
    }
  }

  private static long contentLength(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    try {
      return length == null ? 0 : Long.parseLong(length);
    } catch (NumberFormatException e) {
      return 0; // the HTTP codec has refused it already
    }
  }

  private static void refuse(RoutingContext context, PgsealException problem) {
    JsonObject body = new JsonObject(ProblemDocument.of(problem, context.request().path()));
    context
        .response()
        .setStatusCode(problem.type().status())
        .putHeader("Content-Type", Problem.MEDIA_TYPE)
        .end(body.encodePrettily());
  }
}
