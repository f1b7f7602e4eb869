package dev.pgseal.api;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.pgseal.security.Role;
import dev.pgseal.server.ManagedServer;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.DefaultValue;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.PATCH;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Which servers pgseal manages. */
@Path("/v1/servers")
@Tag(name = "Servers")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class ServerResource {

  private final VisibleServers servers;
  private final ServerRegistry registry;
  private final ApprovalLabels approvalLabels;
  private final MergePatch mergePatch;

  ServerResource(
      VisibleServers servers,
      ServerRegistry registry,
      ApprovalLabels approvalLabels,
      MergePatch mergePatch) {
    this.servers = servers;
    this.registry = registry;
    this.approvalLabels = approvalLabels;
    this.mergePatch = mergePatch;
  }

  @POST
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "registerServer",
      summary = "Register a server",
      description =
          """
          Connects with the given login before anything is stored, and answers what was seen: \
          version, role in replication, and the privileges that are missing.""")
  @APIResponse(
      responseCode = "201",
      description = "Registered",
      headers = {
        @Header(name = "Location", schema = @Schema(type = SchemaType.STRING)),
        @Header(name = "ETag", schema = @Schema(type = SchemaType.STRING))
      },
      content = @Content(schema = @Schema(implementation = ServerView.class)))
  @APIResponse(responseCode = "409", description = "The name is taken")
  @APIResponse(
      responseCode = "422",
      description = "The login was refused, or the server is not one pgseal can manage")
  @APIResponse(responseCode = "502", description = "The server cannot be reached")
  public Response register(@NotNull @Valid ServerRegistration registration) {
    ManagedServer server = registration.toServer();
    servers.requireStaysVisible(server.labels());
    var report = registry.register(server, registration.password());
    return Response.created(URI.create("/v1/servers/" + server.name()))
        .header("ETag", EntityTags.quote(Long.toString(server.revision())))
        .entity(ServerView.of(server, report))
        .build();
  }

  @GET
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "listServers",
      summary = "List the servers by name",
      description = "Those that the caller's token reaches, without the report.")
  public ServerView.ServerPage list(
      @BeanParam PageQuery query,
      @Parameter(description = "key=value, such as env=prod; of several, all must fit")
          @QueryParam("label")
          List<String> label) {
    List<ManagedServer> found =
        servers.list(LabelSelector.parse(label), query.after(String::new), query.size() + 1);
    return query.page(
        found,
        ManagedServer::name,
        (page, next) ->
            new ServerView.ServerPage(page.stream().map(ServerView::of).toList(), next));
  }

  @GET
  @Path("{server}")
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "getServer",
      summary = "Read a server",
      description = "The entry; with inspect, what a connection sees now as well.")
  @APIResponse(
      responseCode = "200",
      description = "The server",
      headers = @Header(name = "ETag", schema = @Schema(type = SchemaType.STRING)),
      content = @Content(schema = @Schema(implementation = ServerView.class)))
  @APIResponse(responseCode = "422", description = "With inspect: the login was refused")
  @APIResponse(responseCode = "502", description = "With inspect: the server cannot be reached")
  public Response get(
      @PathParam("server") String name,
      @Parameter(description = "Connect to it and add the report")
          @QueryParam("inspect")
          @DefaultValue("false")
          boolean inspect,
      @Context HttpHeaders headers) {
    ManagedServer server = servers.require(name);
    String tag = EntityTags.quote(Long.toString(server.revision()));
    // the report is of now: the revision says nothing of it
    if (!inspect
        && EntityTags.matchesWeakly(headers.getRequestHeader(HttpHeaders.IF_NONE_MATCH), tag)) {
      return Response.notModified().header("ETag", tag).build();
    }
    return answer(ServerView.of(server, inspect ? registry.inspect(server) : null));
  }

  @PATCH
  @Path("{server}")
  @Consumes({MergePatch.MEDIA_TYPE, MediaType.APPLICATION_JSON})
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "changeServer",
      summary = "Change a server",
      description =
          """
          A JSON merge patch (RFC 7396). A change of the login is tried before it is stored. With \
          If-Match it is refused when somebody else changed the server meanwhile.""")
  @APIResponse(
      responseCode = "200",
      description = "Changed",
      headers = @Header(name = "ETag", schema = @Schema(type = SchemaType.STRING)),
      content = @Content(schema = @Schema(implementation = ServerView.class)))
  @APIResponse(responseCode = "409", description = "An operation is changing this server")
  @APIResponse(responseCode = "412", description = "It has changed meanwhile")
  @APIResponse(responseCode = "422", description = "The new login was refused")
  @APIResponse(responseCode = "502", description = "The server cannot be reached")
  public Response change(
      @PathParam("server") String name,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      @RequestBody(
              required = true,
              content = @Content(schema = @Schema(implementation = ServerChange.class)))
          @NotNull
          ObjectNode patch) {
    ManagedServer server = servers.require(name);
    EntityTags.check(ifMatch, server.revision());
    ServerChange change = mergePatch.apply(patch, ServerChange.of(server), ServerChange.class);
    servers.requireStaysVisible(change.labels());
    approvalLabels.requireKept(server.labels(), change.labels());
    ServerRegistry.Changed changed = registry.change(server, change);
    return answer(ServerView.of(changed.server(), changed.report()));
  }

  @DELETE
  @Path("{server}")
  // nothing but a problem has a body here, and that is what clients ask for
  @Produces({MediaType.APPLICATION_JSON, Problem.MEDIA_TYPE})
  @RolesAllowed(Role.Name.ADMIN)
  @Operation(
      operationId = "deleteServer",
      summary = "Forget a server",
      description =
          "Nothing is changed on the server itself. Refused while an operation is changing it.")
  @APIResponse(responseCode = "204", description = "Forgotten")
  @APIResponse(responseCode = "409", description = "An operation is changing this server")
  @APIResponse(responseCode = "412", description = "It has changed meanwhile")
  public void delete(
      @PathParam("server") String name, @HeaderParam("If-Match") @Nullable String ifMatch) {
    ManagedServer server = servers.require(name);
    EntityTags.check(ifMatch, server.revision());
    registry.forget(server);
  }

  private static Response answer(ServerView view) {
    return Response.ok(view)
        .header("ETag", EntityTags.quote(Long.toString(view.revision())))
        .build();
  }
}
