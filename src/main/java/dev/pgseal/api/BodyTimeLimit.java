package dev.pgseal.api;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import org.jboss.logging.Logger;

/**
 * Ends connections whose request's body does not come to an end: one byte now and then would keep a
 * thread and satisfy every timeout between two bytes.
 */
@ApplicationScoped
class BodyTimeLimit {

  private static final Logger LOG = Logger.getLogger(BodyTimeLimit.class);

  private static final int BEFORE_AUTHENTICATION = 9_000;

  private final Vertx vertx;
  private final long millis;

  BodyTimeLimit(Vertx vertx, HttpConfig config) {
    this.vertx = vertx;
    this.millis = config.bodyTimeout().toMillis();
  }

  void register(@Observes Filters filters) {
    filters.register(this::handle, BEFORE_AUTHENTICATION);
  }

  private void handle(RoutingContext context) {
    HttpServerRequest request = context.request();
    if (hasBody(request)) {
      long timer =
          vertx.setTimer(
              millis,
              late -> {
                if (!request.isEnded() && !context.response().ended()) {
                  LOG.infof("%s: its body did not end in time", context.normalizedPath());
                  request.connection().close();
                }
              });
      context.addEndHandler(ended -> vertx.cancelTimer(timer));
    }
    context.next();
  }

  private static boolean hasBody(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    return request.getHeader("Transfer-Encoding") != null || length != null && !length.equals("0");
  }
}
