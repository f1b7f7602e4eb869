package dev.pgseal.api;

import dev.pgseal.posture.Posture;
import dev.pgseal.posture.PostureService;
import dev.pgseal.security.Role;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/** How well a server keeps what was proved on it. */
@Path("/v1/servers/{server}")
@Tag(name = "Posture")
@Produces(MediaType.APPLICATION_JSON)
public class PostureResource {

  private final VisibleServers servers;
  private final VisiblePostures postures;
  private final PostureService scans;

  PostureResource(VisibleServers servers, VisiblePostures postures, PostureService scans) {
    this.servers = servers;
    this.postures = postures;
    this.scans = scans;
  }

  @GET
  @Path("posture")
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "getPosture",
      summary = "What the last scan of a server saw",
      description =
          "With a grade and the findings that it comes from, the worst first. scannedAt says when; before the first scan the grade is UNKNOWN.")
  public Posture get(@PathParam("server") String server) {
    return postures.require(server);
  }

  @POST
  @Path("posture:scan")
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "scanPosture",
      summary = "Scan a server now",
      description =
          "Changes nothing on the server. A server that does not answer is a posture too, not an error.")
  public Posture scan(@PathParam("server") String server) {
    return scans.scanNow(servers.require(server));
  }
}
