package dev.pgseal.api;

import dev.pgseal.job.Job;
import dev.pgseal.security.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** Stops jobs between two steps, lets them go on, and asks for them again. */
@Path("/v1/jobs")
@Tag(name = "Jobs")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.WILDCARD)
public class JobControlsResource {

  private final VisibleJobs jobs;

  JobControlsResource(VisibleJobs jobs) {
    this.jobs = jobs;
  }

  @POST
  @Path("{job}:pause")
  @RolesAllowed({Role.Name.OPERATOR, Role.Name.APPROVER})
  @Operation(
      operationId = "pauseJob",
      summary = "Stop a job before its next step",
      description =
          """
          It is PAUSED at once when no step runs, else once the step that runs is done: pausedBy is \
          set from the first moment. A paused job holds no lock or connection; its servers take no \
          other change meanwhile. A job that runs others begins none, and is PAUSED once those that \
          have begun are at their end. :resume lets it go on, :cancel takes back what it did. Can be \
          repeated.""")
  @APIResponse(
      responseCode = "200",
      description = "The job, PAUSED or still in its step",
      content = @Content(schema = @Schema(implementation = JobView.class)))
  @APIResponse(
      responseCode = "409",
      description = "It has ended, was cancelled, takes steps back, or waits for somebody already")
  public JobView pause(@PathParam("job") UUID id) {
    return JobView.of(jobs.pause(id));
  }

  @POST
  @Path("{job}:resume")
  @RolesAllowed({Role.Name.OPERATOR, Role.Name.APPROVER})
  @Operation(
      operationId = "resumeJob",
      summary = "Let a paused job go on",
      description =
          """
          A step that was waiting for a time, such as a maintenance window, goes on waiting. A job \
          that is AWAITING_APPROVAL goes on with :continue or :approve.""")
  @APIResponse(
      responseCode = "200",
      description = "The job, RUNNING, or PENDING when it had not begun",
      content = @Content(schema = @Schema(implementation = JobView.class)))
  @APIResponse(responseCode = "409", description = "It is not paused")
  public JobView resume(@PathParam("job") UUID id) {
    return JobView.of(jobs.resume(id));
  }

  @POST
  @Path("{job}:retry")
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "retryJob",
      summary = "Ask again for a rollout that did not succeed",
      description =
          """
          Answers 202 with a new job: the same request, planned anew, asked for by whoever retries. \
          An approval is needed again where one is needed. Of several clusters those are taken on that \
          did not get there, also when no more failed than may. retryOf of the new job names the old one, \
          which stays as it ended.""")
  @APIResponse(
      responseCode = "202",
      description = "Accepted: follow the job in Location",
      content = @Content(schema = @Schema(implementation = JobView.class)))
  @APIResponse(
      responseCode = "409",
      description =
          "It has not ended, has succeeded or is no rollout; or another operation is changing a"
              + " server")
  public Response retry(@PathParam("job") UUID id) {
    Job job = jobs.retry(id);
    return Response.accepted(JobView.of(job)).location(URI.create("/v1/jobs/" + job.id())).build();
  }
}
