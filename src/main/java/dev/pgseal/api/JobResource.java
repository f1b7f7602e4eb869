package dev.pgseal.api;

import dev.pgseal.job.Job;
import dev.pgseal.job.JobState;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Role;
import io.smallrye.common.annotation.Blocking;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.sse.OutboundSseEvent;
import java.util.List;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Jobs: what goes on in several steps, after the request that asked for it was answered. */
@Path("/v1/jobs")
@Tag(name = "Jobs")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class JobResource {

  private final VisibleJobs jobs;
  private final JobStreams streams;

  JobResource(VisibleJobs jobs, JobStreams streams) {
    this.jobs = jobs;
    this.streams = streams;
  }

  @GET
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "listJobs",
      summary = "List the jobs, newest first",
      description = "Without what their steps observed.")
  public JobView.JobPage list(
      @BeanParam PageQuery query,
      @Parameter(
              description = "Only those in this state",
              schema = @Schema(implementation = JobState.class))
          @QueryParam("state")
          @Nullable String state,
      @Parameter(
              description = "Only those that this job runs",
              schema = @Schema(implementation = UUID.class))
          @QueryParam("parent")
          @Nullable String parent) {
    List<Job> found =
        jobs.list(
            QueryValues.oneOf(JobState.class, "state", state),
            parent == null ? null : QueryValues.id("parent", parent),
            query.after(UUID::fromString),
            query.size() + 1);
    return query.page(
        found,
        job -> job.id().toString(),
        (page, next) -> new JobView.JobPage(page.stream().map(JobView::of).toList(), next));
  }

  @GET
  @Path("{job}")
  @Blocking
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "getJob",
      summary = "Read a job",
      description =
          "With wait, the answer comes once the job has ended, or with its present state after"
              + " that time.")
  @APIResponse(
      responseCode = "200",
      description = "The job",
      content = @Content(schema = @Schema(implementation = JobView.class)))
  public Uni<JobView> get(
      @PathParam("job") UUID id,
      @Parameter(description = "At most 60s", example = "30s") @QueryParam("wait")
          @Nullable String wait) {
    return streams.ended(jobs.require(id), WaitTime.parse(wait)).map(JobView::of);
  }

  @GET
  @Path("{job}/events")
  @Blocking
  @Produces(MediaType.SERVER_SENT_EVENTS)
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "followJob",
      summary = "Follow a job",
      description =
          """
          Server-sent events from the first on, or after the one in Last-Event-ID; the stream \
          closes when the job has ended. curl: `curl -N …/events`.""")
  @APIResponse(
      responseCode = "200",
      description = "id, event (job, step or note) and data of each event",
      content =
          @Content(
              mediaType = MediaType.SERVER_SENT_EVENTS,
              schema = @Schema(implementation = JobEventView.class)))
  public Multi<OutboundSseEvent> events(
      @PathParam("job") UUID id,
      @Parameter(description = "The id of the last event that was seen")
          @HeaderParam("Last-Event-ID")
          @Nullable String lastEventId) {
    return streams.events(jobs.require(id).id(), eventId(lastEventId));
  }

  private static long eventId(@Nullable String lastEventId) {
    try {
      return lastEventId == null || lastEventId.isBlank() ? 0 : Long.parseLong(lastEventId.strip());
    } catch (NumberFormatException e) {
      throw new PgsealException(
          ProblemType.BAD_REQUEST, "Last-Event-ID must be the id of an event, a whole number");
    }
  }

  @POST
  @Path("{job}:continue")
  @Consumes(MediaType.WILDCARD)
  @RolesAllowed({Role.Name.OPERATOR, Role.Name.APPROVER})
  @Operation(
      operationId = "continueJob",
      summary = "Let a job that waits go on",
      description =
          "A job that is AWAITING_APPROVAL runs the step at which it stopped again and goes on. Not one that waits for a second person: see :approve.")
  @APIResponse(
      responseCode = "200",
      description = "The job, RUNNING, or PAUSED where somebody asked for that meanwhile",
      content = @Content(schema = @Schema(implementation = JobView.class)))
  @APIResponse(responseCode = "409", description = "It does not wait, or for an approval")
  public JobView proceed(@PathParam("job") UUID id) {
    return JobView.of(jobs.proceed(id));
  }

  @POST
  @Path("{job}:approve")
  @Consumes(MediaType.WILDCARD)
  @RolesAllowed(Role.Name.APPROVER)
  @Operation(
      operationId = "approveJob",
      summary = "Approve a job that waits for a second person",
      description =
          """
          Whoever asked for it cannot, whatever their roles (403, /problems/self-approval); neither \
          with a token that the requester made, nor whoever made the requester's token. To refuse it, \
          :cancel it.""")
  @APIResponse(
      responseCode = "200",
      description = "The job, RUNNING, or PAUSED where somebody asked for that meanwhile",
      content = @Content(schema = @Schema(implementation = JobView.class)))
  @APIResponse(responseCode = "409", description = "It waits for no approval")
  public JobView approve(@PathParam("job") UUID id) {
    return JobView.of(jobs.approve(id));
  }

  @POST
  @Path("{job}:cancel")
  @Consumes(MediaType.WILDCARD)
  @RolesAllowed({Role.Name.OPERATOR, Role.Name.APPROVER})
  @Operation(
      operationId = "cancelJob",
      summary = "Cancel a job",
      description =
          """
          It stops between two steps and takes back what it did. A job that has not begun ends at \
          once. Can be repeated.""")
  @APIResponse(
      responseCode = "200",
      description = "The job, CANCELLING or CANCELLED",
      content = @Content(schema = @Schema(implementation = JobView.class)))
  @APIResponse(
      responseCode = "409",
      description = "It has already ended, or is being cancelled with another undo")
  public JobView cancel(
      @PathParam("job") UUID id,
      @Parameter(
              description =
                  "false: servers stay at the last mode that was proved, and only what lies between"
                      + " two modes is taken back; of a job other than a rollout nothing stays",
              schema = @Schema(type = SchemaType.BOOLEAN, defaultValue = "true"))
          @QueryParam("undo")
          @Nullable String undo) {
    return JobView.of(jobs.cancel(id, undo == null || QueryValues.flag("undo", undo)));
  }
}
