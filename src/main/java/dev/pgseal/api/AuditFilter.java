package dev.pgseal.api;

import dev.pgseal.audit.AuditQuery;
import jakarta.ws.rs.QueryParam;
import java.time.Instant;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.jspecify.annotations.Nullable;

/** Criteria on entries of the audit log, all of which must fit; absent ones fit everything. */
public class AuditFilter {

  @QueryParam("actor")
  @Parameter(description = "The name of the caller; pgseal for the service itself")
  @Nullable String actor;

  @QueryParam("action")
  @Parameter(description = "Such as createToken.requested, or the part before the dot")
  @Nullable String action;

  @QueryParam("resource")
  @Parameter(description = "Such as servers/orders-db: it, and what lies below it")
  @Nullable String resource;

  @QueryParam("server")
  @Parameter(description = "The name of the managed server")
  @Nullable String server;

  @QueryParam("requestId")
  @Parameter(description = "X-Request-Id of the request")
  @Nullable String requestId;

  @QueryParam("job")
  @Parameter(description = "The id of the job that the change was part of")
  @Nullable String job;

  @QueryParam("since")
  @Parameter(description = "Not before this time", schema = @Schema(implementation = Instant.class))
  @Nullable String since;

  @QueryParam("until")
  @Parameter(description = "Before this time", schema = @Schema(implementation = Instant.class))
  @Nullable String until;

  AuditQuery query() {
    return new AuditQuery(
        actor,
        action,
        resource,
        server,
        requestId,
        job,
        since == null ? null : QueryValues.instant("since", since),
        until == null ? null : QueryValues.instant("until", until));
  }
}
