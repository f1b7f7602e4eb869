package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.annotation.Priority;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import java.util.Arrays;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Refuses a change under {@code If-Match} where no strong version is known: a condition that nobody
 * looks at must not pass for a true one (RFC 9110 §13.1.1; a weak tag never matches).
 */
@Provider
@Priority(IfMatchGuard.BEFORE_IDEMPOTENCY)
public class IfMatchGuard implements ContainerRequestFilter {

  static final int BEFORE_IDEMPOTENCY = IdempotencyFilter.AFTER_AUTHORIZATION - 50;

  @Context @Nullable ResourceInfo operation;

  @Override
  public void filter(ContainerRequestContext request) {
    String condition = request.getHeaderString(HttpHeaders.IF_MATCH);
    if (condition == null
        || condition.strip().equals("*")
        || !ChangesOutliveConnections.CHANGING.contains(request.getMethod())
        || looksAtIt()) {
      return;
    }
    throw new PgsealException(
            ProblemType.PRECONDITION_FAILED,
            "There is no strong ETag here that If-Match could name")
        .hint("Send the change without If-Match");
  }

  private boolean looksAtIt() {
    return operation != null
        && operation.getResourceMethod() != null
        && Arrays.stream(operation.getResourceMethod().getParameterAnnotations())
            .flatMap(Stream::of)
            .anyMatch(
                annotation ->
                    annotation instanceof HeaderParam header
                        && header.value().equalsIgnoreCase(HttpHeaders.IF_MATCH));
  }
}
