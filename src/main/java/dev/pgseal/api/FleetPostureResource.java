package dev.pgseal.api;

import dev.pgseal.posture.FindingCode;
import dev.pgseal.posture.Grade;
import dev.pgseal.posture.ServerPosture;
import dev.pgseal.security.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The postures of all servers at a glance. */
@Path("/v1/posture")
@Tag(name = "Posture", description = "Graded findings of the recurring scans")
public class FleetPostureResource {

  private final VisiblePostures postures;

  FleetPostureResource(VisiblePostures postures) {
    this.postures = postures;
  }

  /** Which servers a caller wants to see. */
  public static class Selection {

    @Parameter(description = "key=value, such as env=prod; of several, all must fit")
    @QueryParam("label")
    List<String> label = List.of();

    @Parameter(
        description = "Servers of this grade",
        schema = @Schema(implementation = Grade.class))
    @QueryParam("grade")
    @Nullable String grade;

    @Parameter(
        description = "Servers with this finding",
        schema = @Schema(implementation = FindingCode.class))
    @QueryParam("finding")
    @Nullable String finding;

    private VisiblePostures.Filter filter() {
      return new VisiblePostures.Filter(
          LabelSelector.parse(label),
          QueryValues.oneOf(Grade.class, "grade", grade),
          QueryValues.oneOf(FindingCode.class, "finding", finding));
    }
  }

  @GET
  @Produces(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "listPostures",
      summary = "The servers with their grades, by name",
      description =
          "A server that was never scanned is there too, with the grade UNKNOWN. Accept: text/csv gives all servers that fit as CSV (RFC 4180), without pages.")
  @APIResponse(
      responseCode = "200",
      description = "A page of servers, and how many have which grade",
      content = {
        @Content(
            mediaType = MediaType.APPLICATION_JSON,
            schema = @Schema(implementation = FleetPosture.class)),
        @Content(mediaType = Csv.MEDIA_TYPE, schema = @Schema(implementation = String.class))
      })
  public FleetPosture list(@BeanParam PageQuery query, @BeanParam Selection selection) {
    VisiblePostures.Filter filter = selection.filter();
    List<ServerPosture> found = postures.list(filter, query.after(String::new), query.size() + 1);
    return query.page(
        found,
        ServerPosture::server,
        (page, next) -> new FleetPosture(postures.summary(filter), page, next));
  }

  @GET
  // whoever does not say what they want gets JSON
  @Produces(Csv.MEDIA_TYPE + ";qs=0.5")
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(hidden = true)
  public Response csv(@BeanParam Selection selection) {
    VisiblePostures.Filter filter = selection.filter();
    StringBuilder text = new StringBuilder(FleetPosture.csvHeader());
    String after = null;
    List<ServerPosture> page;
    do {
      page = postures.list(filter, after, PageQuery.MAX_SIZE);
      for (ServerPosture posture : page) {
        text.append(FleetPosture.csv(posture));
        after = posture.server();
      }
    } while (page.size() == PageQuery.MAX_SIZE);
    return Response.ok(text.toString()).type(Csv.MEDIA_TYPE + ";charset=utf-8").build();
  }
}
