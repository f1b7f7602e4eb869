package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import io.vertx.core.http.HttpServerResponse;
import jakarta.annotation.Priority;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.ext.Provider;
import java.util.Set;

/**
 * A request that changes something is carried through to its answer, though the client may have
 * left.
 *
 * <p>Since 3.31.1 Quarkus REST drops what comes after the operation, response filters too, when the
 * connection closes meanwhile (quarkusio/quarkus#50990, #54889). What they keep of an answer is
 * needed just then.
 */
@Provider
@Priority(ChangesOutliveConnections.FIRST)
public class ChangesOutliveConnections implements ContainerRequestFilter {

  static final int FIRST = 1;

  static final Set<String> CHANGING = Set.of("POST", "PUT", "PATCH", "DELETE");

  private final CurrentVertxRequest current;

  ChangesOutliveConnections(CurrentVertxRequest current) {
    this.current = current;
  }

  @Override
  public void filter(ContainerRequestContext request) {
    if (!CHANGING.contains(request.getMethod())) {
      return;
    }
    HttpServerResponse response = current.getCurrent().response();
    // a response has one such handler, and this one is Quarkus REST's
    response.closeHandler(null);
    if (response.closed()) {
      // it may have run just before: the operation would begin and its end be dropped
      throw new PgsealException(
          ProblemType.BAD_REQUEST, "The client left before the request was begun");
    }
  }
}
