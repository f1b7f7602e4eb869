package dev.pgseal.api;

import dev.pgseal.audit.Actor;
import dev.pgseal.audit.Actors;
import dev.pgseal.audit.AuditLog;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Role;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.runtime.BlockingOperationControl;
import io.smallrye.mutiny.infrastructure.Infrastructure;
import jakarta.annotation.Priority;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.container.ContainerRequestContext;
import jakarta.ws.rs.container.ContainerRequestFilter;
import jakarta.ws.rs.container.ContainerResponseContext;
import jakarta.ws.rs.container.ContainerResponseFilter;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.ext.Provider;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Records each call of an operation that can change something: {@code .requested} before it begins,
 * and without that entry it does not begin; {@code .answered} with the status when it has ended;
 * {@code .denied} when the caller lacks the role. What a viewer may call changes nothing.
 */
@Provider
@Priority(AuditedRequests.PRIORITY)
public class AuditedRequests implements ContainerRequestFilter, ContainerResponseFilter {

  /** After authorization, and after what may answer in place of the resource. */
  static final int PRIORITY = 4500;

  private static final Logger LOG = Logger.getLogger(AuditedRequests.class);
  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");
  private static final String API = "/v1/";
  private static final String REQUESTED = AuditedRequests.class.getName();

  private final AuditLog log;
  private final RequestActor actor;
  private final AuditDetails details;

  @Context @Nullable ResourceInfo operation;

  AuditedRequests(AuditLog log, RequestActor actor, AuditDetails details) {
    this.log = log;
    this.actor = actor;
    this.details = details;
  }

  @Override
  public void filter(ContainerRequestContext request) {
    Optional<String> changing = changing(request);
    if (changing.isEmpty()) {
      return;
    }
    Map<String, Object> asked = new LinkedHashMap<>();
    asked.put("method", request.getMethod());
    put(asked, "query", request.getUriInfo().getRequestUri().getRawQuery());
    put(asked, "ifMatch", request.getHeaderString(HttpHeaders.IF_MATCH));
    put(asked, "idempotencyKey", request.getHeaderString("Idempotency-Key"));
    try {
      log.record(changing.get() + ".requested", resource(request), server(request), null, asked);
    } catch (RuntimeException e) {
      LOG.errorf(e, "%s is refused: the audit log cannot be written", changing.get());
      throw new PgsealException(
              ProblemType.AUDIT_UNAVAILABLE, "The audit log cannot be written; nothing was done")
          .hint("Look at the control database");
    }
    request.setProperty(REQUESTED, changing.get());
  }

  @Override
  public void filter(ContainerRequestContext request, ContainerResponseContext response) {
    String requested = (String) request.getProperty(REQUESTED);
    if (requested != null) {
      record(request, requested + ".answered", outcome(response));
    } else if (response.getStatus() == ProblemType.FORBIDDEN.status()) {
      changing(request).ifPresent(id -> record(request, id + ".denied", outcome(response)));
    }
  }

  /** The operation's id, empty for one that only reads. */
  private Optional<String> changing(ContainerRequestContext request) {
    Method method = operation == null ? null : operation.getResourceMethod();
    if (READING.contains(request.getMethod()) || method == null) {
      return Optional.empty();
    }
    RolesAllowed roles = method.getAnnotation(RolesAllowed.class);
    if (roles == null || Arrays.asList(roles.value()).contains(Role.Name.VIEWER)) {
      return Optional.empty();
    }
    Operation described = method.getAnnotation(Operation.class);
    return Optional.of(
        described == null || described.operationId().isEmpty()
            ? method.getName()
            : described.operationId());
  }

  private Map<String, Object> outcome(ContainerResponseContext response) {
    Map<String, Object> outcome = new LinkedHashMap<>();
    outcome.put("status", response.getStatus());
    if (response.getEntity() instanceof HttpProblem problem && problem.getType() != null) {
      outcome.put("problem", problem.getType().toString());
    }
    put(outcome, "etag", response.getHeaderString(HttpHeaders.ETAG));
    put(outcome, "location", response.getHeaderString(HttpHeaders.LOCATION));
    outcome.putAll(details.after());
    return outcome;
  }

  /** What was done is done: an entry that is missing now is told to the log, and to nobody else. */
  private void record(ContainerRequestContext request, String action, Map<String, Object> outcome) {
    Actor who = actor.get();
    String resource = resource(request);
    String server = server(request);
    Map<String, Object> before = details.before();
    Runnable write =
        () -> {
          try (Actors.Scope scope = Actors.as(who)) {
            log.record(action, resource, server, before, outcome);
          } catch (RuntimeException e) {
            LOG.errorf(e, "The audit log lacks %s of %s: %s", action, resource, outcome);
          }
        };
    if (BlockingOperationControl.isBlockingAllowed()) {
      write.run();
    } else {
      Infrastructure.getDefaultWorkerPool().execute(write);
    }
  }

  private static String resource(ContainerRequestContext request) {
    String path = request.getUriInfo().getPath();
    return path.startsWith(API) ? path.substring(API.length()) : path;
  }

  private static @Nullable String server(ContainerRequestContext request) {
    return request.getUriInfo().getPathParameters().getFirst("server");
  }

  private static void put(Map<String, Object> map, String key, @Nullable String value) {
    if (value != null) {
      map.put(key, value);
    }
  }
}
