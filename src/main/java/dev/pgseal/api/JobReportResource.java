package dev.pgseal.api;

import dev.pgseal.job.Job;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What a job did, with the evidence. */
@Path("/v1/jobs/{job}/report")
@Tag(name = "Jobs")
public class JobReportResource {

  static final String HTML = "text/html;charset=UTF-8";

  private final VisibleJobs jobs;
  private final Clock clock;

  JobReportResource(VisibleJobs jobs, Clock clock) {
    this.jobs = jobs;
    this.clock = clock;
  }

  @GET
  @Produces({MediaType.APPLICATION_JSON, HTML})
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "getJobReport",
      summary = "What a job did, with the evidence",
      description =
          """
          By server: certificates with their fingerprints, the rules before and after, sessions by \
          encryption before and after, what was answered to plaintext logins, and how long each step \
          took; who asked, approved, cancelled. Made of what the job recorded: it can be had again at \
          any time and always says the same. With Accept: text/html or format=html it is one page to \
          print or keep, without scripts.""")
  @APIResponse(
      responseCode = "200",
      description = "The report",
      content = {
        @Content(
            mediaType = MediaType.APPLICATION_JSON,
            schema = @Schema(implementation = JobReport.class)),
        @Content(mediaType = MediaType.TEXT_HTML, schema = @Schema(implementation = String.class))
      })
  public Response get(
      @PathParam("job") UUID id,
      @Parameter(
              description = "Rather than by the Accept header",
              schema =
                  @Schema(
                      type = SchemaType.STRING,
                      enumeration = {"json", "html"}))
          @QueryParam("format")
          @Nullable String format,
      @Context HttpHeaders headers) {
    Job job = jobs.require(id);
    JobReport report = JobReports.of(job, jobs.runBy(job), jobs.events(job), clock.instant());
    return html(format, headers)
        ? Response.ok(JobReportPage.html(report), HTML).build()
        : Response.ok(report, MediaType.APPLICATION_JSON_TYPE).build();
  }

  private static boolean html(@Nullable String format, HttpHeaders headers) {
    if (format != null) {
      if (!format.equals("html") && !format.equals("json")) {
        throw new PgsealException(ProblemType.BAD_REQUEST, "format must be json or html")
            .with("parameter", "format");
      }
      return format.equals("html");
    }
    for (MediaType wanted : headers.getAcceptableMediaTypes()) {
      if (wanted.isCompatible(MediaType.APPLICATION_JSON_TYPE)) {
        return false;
      }
      if (wanted.isCompatible(MediaType.TEXT_HTML_TYPE)) {
        return true;
      }
    }
    return false;
  }
}
