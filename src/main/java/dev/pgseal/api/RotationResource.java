package dev.pgseal.api;

import dev.pgseal.certificate.KeyType;
import dev.pgseal.job.Job;
import dev.pgseal.lifecycle.RotationService;
import dev.pgseal.security.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Replaces an authority by its next generation, without an outage. */
@Path("/v1/authorities/{authority}:rotate")
@Tag(name = "Authorities")
@Produces(MediaType.APPLICATION_JSON)
public class RotationResource {

  private final RotationService rotations;
  private final Caller caller;

  public RotationResource(RotationService rotations, Caller caller) {
    this.rotations = rotations;
    this.caller = caller;
  }

  /** What the next generation is to be, and how to get there. */
  public record RotationBody(
      @Nullable
          @Size(min = 1, max = 64)
          @Schema(
              description = "of the new generation; the old one's with a number when absent",
              examples = "Corp PostgreSQL CA G2")
          String commonName,
      @Nullable @Schema(description = "that of the old generation when absent") KeyType keyType,
      @Nullable
          @Schema(
              description = "ISO-8601, that of the old generation when absent",
              examples = "P3650D")
          Duration validity,
      @Nullable
          @Schema(
              description =
                  "wait for :continue before certificates change and before the old generation is withdrawn; true when absent, for clients have to fetch the new bundle in between")
          Boolean pause,
      @Nullable
          @Schema(description = "servers that cannot be reached and shall not stop the rotation")
          Set<String> ignore,
      @Nullable @Schema(description = "show the steps, do nothing") Boolean validateOnly) {

    private RotationService.Wish toWish() {
      return new RotationService.Wish(
          commonName,
          keyType,
          validity,
          !Boolean.FALSE.equals(pause),
          ignore == null ? Set.of() : ignore);
    }
  }

  /**
   * What a rotation would do.
   *
   * @param steps in order, all {@code PENDING}
   */
  @Schema(name = "RotationSteps")
  public record RotationSteps(List<JobView.StepView> steps) {}

  @POST
  @RolesAllowed(Role.Name.ADMIN)
  @Operation(
      operationId = "rotateAuthority",
      summary = "Rotate an authority",
      description =
          "A job: the new generation is made, trusted by servers and standbys beside the old one and published in the bundle; then certificates are issued anew and proved; then the old generation is withdrawn, once nothing that is served stands below it. POST /v1/jobs/{job}:continue goes on where it waits, :cancel goes back from every phase.")
  @APIResponse(
      responseCode = "202",
      description = "Accepted: follow the job in Location",
      content = @Content(schema = @Schema(implementation = JobView.class)))
  @APIResponse(
      responseCode = "2XX",
      description = "200: the steps (validateOnly)",
      content = @Content(schema = @Schema(implementation = RotationSteps.class)))
  public Response rotate(
      @PathParam("authority") String authority, @Valid @Nullable RotationBody body) {
    RotationBody asked = body == null ? new RotationBody(null, null, null, null, null, null) : body;
    if (Boolean.TRUE.equals(asked.validateOnly())) {
      return Response.ok(
              new RotationSteps(
                  rotations.preview(authority, asked.toWish()).stream()
                      .map(JobView.StepView::of)
                      .toList()))
          .build();
    }
    Job job = rotations.start(authority, asked.toWish(), caller.name());
    return Response.accepted(JobView.of(job)).location(URI.create("/v1/jobs/" + job.id())).build();
  }
}
