package dev.pgseal.api;

import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What browsers are told with every answer, errors too: run nothing, load nothing, be in no frame,
 * guess no type. Answers of the API are not stored unless they say otherwise.
 */
@ApplicationScoped
class SecurityHeaders {

  /** Before {@link RequestIds}, which may refuse. */
  private static final int FIRST = 20_000;

  private static final String API = "/v1";
  private static final String SWAGGER_UI = "/q/swagger-ui";

  private static final Pattern REPORT = Pattern.compile("/v1/jobs/[^/]+/report");

  private static final String CACHING = "Cache-Control";
  private static final String POLICY = "Content-Security-Policy";

  /** Its page has scripts and styles inline, and it calls the API that served it. */
  private static final String POLICY_OF_SWAGGER_UI =
      "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline';"
          + " img-src 'self' data:; connect-src 'self'; font-src 'self'; base-uri 'none';"
          + " form-action 'none'; frame-ancestors 'none'";

  private static final Map<String, String> OF_ALL =
      Map.of(
          "X-Content-Type-Options",
          "nosniff",
          "Referrer-Policy",
          "no-referrer",
          "Permissions-Policy",
          "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          POLICY,
          "default-src 'none'; frame-ancestors 'none'");

  void register(@Observes Filters filters) {
    filters.register(this::handle, FIRST);
  }

  private void handle(RoutingContext context) {
    HttpServerResponse response = context.response();
    OF_ALL.forEach(response::putHeader);
    String path = context.normalizedPath();
    if (path.startsWith(SWAGGER_UI)) {
      response.putHeader(POLICY, POLICY_OF_SWAGGER_UI);
    }
    if (REPORT.matcher(path).matches()) {
      response.putHeader(POLICY, JobReportPage.policy());
    }
    if (path.startsWith(API)) {
      context.addHeadersEndHandler(sending -> storeNothingByDefault(response));
    }
    context.next();
  }

  private static void storeNothingByDefault(HttpServerResponse response) {
    if (!response.headers().contains(CACHING)) {
      response.putHeader(CACHING, "no-store");
    }
  }
}
