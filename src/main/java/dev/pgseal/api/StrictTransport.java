package dev.pgseal.api;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

/**
 * Tells browsers to come by HTTPS only (RFC 6797). Not over plain HTTP, where it means nothing
 * (§7.2) and where whoever ends TLS in front of pgseal decides.
 */
@ApplicationScoped
class StrictTransport {

  private static final int EARLY = 9_000;
  private static final String A_YEAR = "max-age=31536000";

  void register(@Observes Filters filters) {
    filters.register(StrictTransport::handle, EARLY);
  }

  private static void handle(RoutingContext context) {
    if (context.request().isSSL()) {
      context.response().putHeader("Strict-Transport-Security", A_YEAR);
    }
    context.next();
  }
}
