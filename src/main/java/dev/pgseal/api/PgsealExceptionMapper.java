package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import io.quarkiverse.resteasy.problem.ExceptionMapperBase;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

/** Our own refusals as problems. */
@Provider
public class PgsealExceptionMapper extends ExceptionMapperBase<PgsealException> {

  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /** Most changes of one server are done by then. */
  private static final String IN_PROGRESS_SECONDS = "5";

  @Override
  protected HttpProblem toProblem(PgsealException e) {
    return problem(e);
  }

  static HttpProblem problem(PgsealException e) {
    HttpProblem.Builder problem =
        HttpProblem.builder()
            .withType(URI.create(e.type().uri()))
            .withTitle(e.type().title())
            .withStatus(e.type().status())
            .withDetail(e.detail());
    e.members().forEach(problem::with);
    if (e.members().get("retryAfter") instanceof String when) {
      problem.withHeader(HttpHeaders.RETRY_AFTER, httpDate(Instant.parse(when)));
    }
    if (e.members().get("retryAfterSeconds") instanceof Number seconds) {
      problem.withHeader(HttpHeaders.RETRY_AFTER, seconds.toString());
    } else if (e.type() == ProblemType.OPERATION_IN_PROGRESS) {
      problem.withHeader(HttpHeaders.RETRY_AFTER, IN_PROGRESS_SECONDS);
    }
    return problem.build();
  }

  /** RFC 9110 §10.2.3; whole seconds, and never too early. */
  private static String httpDate(Instant when) {
    return HTTP_DATE.format(when.plusNanos(999_999_999).truncatedTo(ChronoUnit.SECONDS));
  }
}
