package dev.pgseal.api;

import dev.pgseal.certificate.RevocationReason;
import dev.pgseal.job.Job;
import dev.pgseal.lifecycle.RevocationService;
import dev.pgseal.security.Role;
import dev.pgseal.tls.RevocationStore;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Revokes certificates. */
@Path("/v1/certificates/{certificate}:revoke")
@Tag(name = "Certificates")
@Produces(MediaType.APPLICATION_JSON)
public class RevocationResource {

  private final RevocationService revocations;
  private final Caller caller;

  public RevocationResource(RevocationService revocations, Caller caller) {
    this.revocations = revocations;
    this.caller = caller;
  }

  /** Why. */
  public record RevocationBody(
      @Nullable @Schema(description = "RFC 5280 5.3.1, UNSPECIFIED when absent")
          RevocationReason reason) {}

  /**
   * What was done.
   *
   * @param crlNumber of the CRL that has it
   * @param job brings the CRL to the servers; absent when none takes the authority's certificates
   */
  @Schema(name = "Revocation")
  public record RevocationView(
      UUID certificate,
      String authority,
      String serial,
      RevocationReason reason,
      Instant revokedAt,
      String revokedBy,
      long crlNumber,
      @Nullable JobView job)
      implements AnswersWithJob {

    @Override
    public @Nullable JobView answeredJob() {
      return job;
    }

    @Override
    public RevocationView with(Job present) {
      return new RevocationView(
          certificate,
          authority,
          serial,
          reason,
          revokedAt,
          revokedBy,
          crlNumber,
          JobView.of(present));
    }

    private static RevocationView of(UUID certificate, RevocationService.Revoked revoked) {
      RevocationStore.Revocation revocation = revoked.revocation();
      return new RevocationView(
          certificate,
          revocation.authority(),
          revocation.serial(),
          revocation.reason(),
          revocation.revokedAt(),
          revocation.revokedBy(),
          revoked.listNumber(),
          revoked.job() == null ? null : JobView.of(revoked.job()));
    }
  }

  @POST
  @RolesAllowed(Role.Name.ADMIN)
  @Operation(
      operationId = "revokeCertificate",
      summary = "Revoke a certificate",
      description =
          "Signs the CRL that says so at once. A job brings it to every server that takes client certificates of the authority, sees a revoked certificate refused there and ends the sessions that came with one. Can be repeated.")
  @APIResponse(
      responseCode = "202",
      description = "Revoked: follow the job in Location until every server refuses it",
      content = @Content(schema = @Schema(implementation = RevocationView.class)))
  @APIResponse(
      responseCode = "200",
      description = "Revoked, and no server takes the authority's client certificates",
      content = @Content(schema = @Schema(implementation = RevocationView.class)))
  public Response revoke(
      @PathParam("certificate") UUID certificate, @Valid @Nullable RevocationBody body) {
    RevocationReason reason =
        body == null || body.reason() == null ? RevocationReason.UNSPECIFIED : body.reason();
    RevocationService.Revoked revoked = revocations.revoke(certificate, reason, caller.name());
    RevocationView view = RevocationView.of(certificate, revoked);
    return revoked.job() == null
        ? Response.ok(view).build()
        : Response.accepted(view).location(URI.create("/v1/jobs/" + revoked.job().id())).build();
  }
}
