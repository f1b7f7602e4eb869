package dev.pgseal.api;

import dev.pgseal.problem.ProblemType;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkiverse.resteasy.problem.postprocessing.ProblemContext;
import io.quarkiverse.resteasy.problem.postprocessing.ProblemPostProcessor;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.MDC;

/**
 * Gives problems that the framework made (no such path, wrong media type, unexpected exception …)
 * one of our types, and every problem the request's id.
 */
@ApplicationScoped
public class ProblemDefaults implements ProblemPostProcessor {

  private static final Map<Integer, ProblemType> BY_STATUS =
      Map.of(
          400, ProblemType.BAD_REQUEST,
          401, ProblemType.UNAUTHENTICATED,
          403, ProblemType.FORBIDDEN,
          404, ProblemType.NOT_FOUND,
          405, ProblemType.METHOD_NOT_ALLOWED,
          406, ProblemType.NOT_ACCEPTABLE,
          413, ProblemType.PAYLOAD_TOO_LARGE,
          415, ProblemType.UNSUPPORTED_MEDIA_TYPE);

  private static final String VIOLATIONS = "violations";

  @Override
  public HttpProblem apply(HttpProblem problem, ProblemContext context) {
    HttpProblem.Builder builder = HttpProblem.builder(problem);
    if (problem.getType() == null) {
      ProblemType type = type(problem);
      builder
          .withType(URI.create(type.uri()))
          .withTitle(type.title())
          .withDetail(detail(type, problem, context));
    }
    Object requestId = MDC.get(RequestIds.MDC_KEY);
    if (requestId != null) {
      builder.with(RequestIds.MDC_KEY, requestId);
    }
    return builder.build();
  }

  private static ProblemType type(HttpProblem problem) {
    if (problem.getParameters().containsKey(VIOLATIONS)) {
      return ProblemType.VALIDATION_FAILED;
    }
    return Optional.ofNullable(BY_STATUS.get(problem.getStatusCode()))
        .orElse(
            problem.getStatusCode() < 500 ? ProblemType.BAD_REQUEST : ProblemType.INTERNAL_ERROR);
  }

  private static String detail(ProblemType type, HttpProblem problem, ProblemContext context) {
    return switch (type) {
      case VALIDATION_FAILED -> "See the violations, one for each rule that is broken";
      case NOT_FOUND -> "There is nothing at " + context.path;
      case METHOD_NOT_ALLOWED -> context.path + " does not have this method";
      case NOT_ACCEPTABLE -> "None of the media types in the Accept header can be had here";
      case UNSUPPORTED_MEDIA_TYPE -> "The body's Content-Type is not one this resource takes";
      case PAYLOAD_TOO_LARGE -> "The body is larger than pgseal takes";
      case INTERNAL_ERROR -> "The log of the service has the reason, under the requestId";
      default -> problem.getDetail() == null ? type.title() : problem.getDetail();
    };
  }

  /** Before the logger and after the extension's own defaults. */
  @Override
  public int priority() {
    return 150;
  }
}
