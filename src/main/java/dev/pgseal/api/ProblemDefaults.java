package dev.pgseal.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkiverse.resteasy.problem.postprocessing.ProblemContext;
import io.quarkiverse.resteasy.problem.postprocessing.ProblemPostProcessor;
import io.quarkiverse.resteasy.problem.validation.Violation;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jboss.logging.Logger;
import org.jboss.logging.MDC;
import org.jspecify.annotations.Nullable;

/**
 * Gives problems that the framework made (no such path, malformed JSON, unexpected exception …) one
 * of our types and words, and every problem the request's id.
 */
@ApplicationScoped
public class ProblemDefaults implements ProblemPostProcessor {

  private static final Logger LOG = Logger.getLogger(ProblemDefaults.class);

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

  /** What Hibernate Validator adds to the path of an element or a key of a container. */
  private static final String CONTAINER_NODES = "<K>|\\.<[a-z ]+>";

  @Override
  public HttpProblem apply(HttpProblem problem, ProblemContext context) {
    HttpProblem.Builder builder = HttpProblem.builder(ours(problem, context));
    Object requestId = MDC.get(RequestIds.MDC_KEY);
    if (requestId != null) {
      builder.with(RequestIds.MDC_KEY, requestId);
    }
    HttpProblem answer = builder.build();
    log(answer, context, requestId);
    return answer;
  }

  /**
   * In place of the extension's logger, which takes a managed server that is down (502) for a fault
   * of ours.
   */
  private static void log(HttpProblem problem, ProblemContext context, @Nullable Object requestId) {
    if (problem.getStatusCode() == ProblemType.INTERNAL_ERROR.status()) {
      LOG.errorf(context.cause, "%s failed, request %s", context.path, requestId);
    } else {
      LOG.infof(
          "%s refused, request %s: %d %s %s",
          context.path, requestId, problem.getStatusCode(), problem.getType(), problem.getDetail());
    }
  }

  private static HttpProblem ours(HttpProblem problem, ProblemContext context) {
    Optional<JsonProcessingException> json = jsonCause(context.cause);
    if (json.isPresent() && problem.getStatusCode() == ProblemType.BAD_REQUEST.status()) {
      return HttpProblem.builder(PgsealExceptionMapper.problem(JsonProblems.of(json.get())))
          .withInstance(problem.getInstance())
          .build();
    }
    if (context.cause instanceof IOException) {
      // what reading a body without Content-Length throws: the client left, or sent too much; the
      // server has written 413 already
      return PgsealExceptionMapper.problem(
          new PgsealException(ProblemType.PAYLOAD_TOO_LARGE, "The body was not read to its end"));
    }
    if (problem.getType() != null) {
      return problem;
    }
    ProblemType type = type(problem);
    HttpProblem.Builder builder =
        HttpProblem.builder(problem)
            .withType(URI.create(type.uri()))
            .withTitle(type.title())
            .withDetail(detail(type, problem, context));
    if (problem.getParameters().get(VIOLATIONS) instanceof List<?> violations) {
      builder.with(VIOLATIONS, violations.stream().map(ProblemDefaults::violation).toList());
    }
    return builder.build();
  }

  /** Quarkus hides some of Jackson's exceptions in a WebApplicationException. */
  private static Optional<JsonProcessingException> jsonCause(Throwable e) {
    if (e instanceof JsonProcessingException json) {
      return Optional.of(json);
    }
    return e.getCause() instanceof JsonProcessingException json
        ? Optional.of(json)
        : Optional.empty();
  }

  private static Object violation(Object violation) {
    if (!(violation instanceof Violation v)) {
      return violation;
    }
    String field = v.field.replaceAll(CONTAINER_NODES, "");
    return Map.of("field", field, "in", v.in, "message", v.message);
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

  /** After the extension's own defaults, before its logger. */
  @Override
  public int priority() {
    return 150;
  }
}
