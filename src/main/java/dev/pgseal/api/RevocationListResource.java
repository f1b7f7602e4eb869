package dev.pgseal.api;

import dev.pgseal.lifecycle.RevocationService;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.tls.RevocationStore;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.CacheControl;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.EntityTag;
import jakarta.ws.rs.core.Request;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirements;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** The CRLs, for everybody. */
@Path("/v1/authorities/{authority}/crl")
@Tag(name = "Authorities")
public class RevocationListResource {

  static final String TYPE = "application/pkix-crl";

  /** Whoever checks shall not hold on to an old one for long. */
  private static final Duration LONGEST = Duration.ofMinutes(10);

  private final RevocationService revocations;
  private final Clock clock;

  public RevocationListResource(RevocationService revocations, Clock clock) {
    this.revocations = revocations;
    this.clock = clock;
  }

  @GET
  @Produces(TYPE)
  @SecurityRequirements
  @PermitAll
  @Operation(
      operationId = "getRevocationList",
      summary = "The authority's CRL, DER",
      description =
          "Needs no token; 404 while the authority has signed none. Of the generation that signs now; servers get those of both while the authority is being rotated.")
  @APIResponse(
      responseCode = "200",
      description = "The latest CRL (RFC 5280 5); its ETag is its number",
      content =
          @Content(mediaType = TYPE, schema = @Schema(type = SchemaType.STRING, format = "binary")))
  @APIResponse(responseCode = "304", description = "It is the one in If-None-Match")
  @APIResponse(responseCode = "412", description = "It is not the one in If-Match")
  public Response get(@PathParam("authority") String authority, @Context Request request) {
    RevocationStore.SignedList list = revocations.list(authority);
    EntityTag tag = new EntityTag(Long.toString(list.number()));
    Response.ResponseBuilder unchanged = request.evaluatePreconditions(tag);
    if (unchanged != null
        && unchanged.build().getStatus() == ProblemType.PRECONDITION_FAILED.status()) {
      throw new PgsealException(
              ProblemType.PRECONDITION_FAILED, "The CRL is not the one in If-Match")
          .hint("Read it without If-Match");
    }
    Response.ResponseBuilder answer = unchanged == null ? Response.ok(list.der()) : unchanged;
    return answer
        .tag(tag)
        .lastModified(Date.from(list.thisUpdate()))
        .cacheControl(caching(list))
        .build();
  }

  private CacheControl caching(RevocationStore.SignedList list) {
    Duration left = Duration.between(clock.instant(), list.nextUpdate());
    CacheControl control = new CacheControl();
    control.setPrivate(false);
    control.setNoTransform(true);
    control.setMaxAge(
        (int) Math.max(0, Math.min(left.dividedBy(2).toSeconds(), LONGEST.toSeconds())));
    control.getCacheExtension().put("public", "");
    return control;
  }
}
