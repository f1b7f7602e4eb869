package dev.pgseal.api;

import dev.pgseal.hba.HbaError;
import dev.pgseal.hba.HbaInclude;
import dev.pgseal.hba.HbaText;
import dev.pgseal.hba.IdentEntry;
import dev.pgseal.security.Role;
import dev.pgseal.tls.IdentMaps;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotBlank;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** A server's pg_ident.conf: which client may log in as which role. */
@Path("/v1/servers/{server}/ident")
@Tag(name = "Client certificates")
@Produces(MediaType.APPLICATION_JSON)
public class IdentResource {

  private final VisibleServers servers;
  private final IdentMaps maps;
  private final Caller caller;
  private final AuditDetails audit;

  public IdentResource(VisibleServers servers, IdentMaps maps, Caller caller, AuditDetails audit) {
    this.servers = servers;
    this.maps = maps;
    this.caller = caller;
    this.audit = audit;
  }

  /** The text of an entry. */
  public record IdentText(
      @NotBlank @Schema(examples = "clients orders-service orders") String entry) {}

  /**
   * A pg_ident.conf as entries.
   *
   * @param etag of the main file's bytes; goes into {@code If-Match} of a change
   * @param errors lines because of which PostgreSQL would keep the old maps
   * @param includes other files that it refers to
   */
  @Schema(name = "Ident")
  public record IdentView(
      String path,
      String etag,
      List<Entry> entries,
      List<HbaError> errors,
      List<HbaInclude> includes) {

    /**
     * @param id for changing this entry; stays while the line's own bytes do
     * @param systemUser such as the CN of a certificate; a regular expression when it begins with a
     *     slash
     * @param role that it may log in as
     */
    @Schema(name = "IdentEntry")
    public record Entry(
        String id,
        String file,
        int line,
        String map,
        String systemUser,
        String role,
        @Nullable String comment,
        String text) {

      private static Entry of(IdentEntry entry) {
        return new Entry(
            entry.id(),
            entry.file(),
            entry.line(),
            HbaText.toReadable(entry.map()),
            HbaText.toReadable(entry.systemUser().text()),
            HbaText.toReadable(entry.role().text()),
            entry.comment() == null ? null : HbaText.toReadable(entry.comment()),
            HbaText.toReadable(entry.text()));
      }
    }

    private static IdentView of(IdentMaps.Loaded loaded) {
      return new IdentView(
          loaded.onDisk().path(),
          loaded.onDisk().sha256(),
          loaded.document().entries().stream().map(Entry::of).toList(),
          loaded.document().errors(),
          loaded.document().includes());
    }
  }

  @GET
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "getIdent",
      summary = "The maps of pg_ident.conf",
      description = "Included files spliced in. Accept: text/plain gives the main file's bytes.")
  @APIResponse(
      responseCode = "200",
      description = "The entries; the ETag header goes into If-Match of a change",
      content = {
        @Content(
            mediaType = MediaType.APPLICATION_JSON,
            schema = @Schema(implementation = IdentView.class)),
        @Content(mediaType = MediaType.TEXT_PLAIN, schema = @Schema(implementation = String.class))
      })
  public Response get(@PathParam("server") String server) {
    return answer(maps.read(servers.require(server)));
  }

  @GET
  @Produces(MediaType.TEXT_PLAIN)
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(hidden = true)
  public Response raw(@PathParam("server") String server) {
    IdentMaps.Loaded loaded = maps.read(servers.require(server));
    return Response.ok(loaded.onDisk().content())
        .header("ETag", EntityTags.quote(loaded.onDisk().sha256()))
        .build();
  }

  @PUT
  @Consumes(MediaType.TEXT_PLAIN)
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "replaceIdent",
      summary = "Replace pg_ident.conf",
      description =
          "Needs If-Match. The text is judged before it is written, and by PostgreSQL itself afterwards (15 and newer); the previous file is kept beside.")
  @APIResponse(
      responseCode = "200",
      description = "Written and loaded",
      content = @Content(schema = @Schema(implementation = IdentView.class)))
  public Response replace(
      @PathParam("server") String server,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      @RequestBody(
              required = true,
              content =
                  @Content(
                      mediaType = MediaType.TEXT_PLAIN,
                      schema = @Schema(implementation = String.class)))
          byte @Nullable [] content) {
    return answer(
        maps.replace(
            servers.require(server),
            content == null ? new byte[0] : content,
            EntityTags.required(ifMatch),
            caller.name()));
  }

  @POST
  @Path("entries")
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "insertIdentEntry",
      summary = "Add one entry",
      description = "Needs If-Match. Their order means nothing.")
  @APIResponse(
      responseCode = "200",
      description = "Added and loaded",
      content = @Content(schema = @Schema(implementation = IdentView.class)))
  public Response insert(
      @PathParam("server") String server,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      @Valid @NotNull IdentText text) {
    Response changed =
        answer(
            maps.edit(
                servers.require(server),
                document -> document.insert(text.entry()),
                EntityTags.required(ifMatch),
                caller.name()));
    audit.after(Map.of("entry", text.entry()));
    return changed;
  }

  @PUT
  @Path("entries/{entryId}")
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "changeIdentEntry",
      summary = "Change one entry",
      description = "Needs If-Match.")
  @APIResponse(
      responseCode = "200",
      description = "Changed and loaded",
      content = @Content(schema = @Schema(implementation = IdentView.class)))
  public Response change(
      @PathParam("server") String server,
      @PathParam("entryId") String entryId,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      @Valid @NotNull IdentText text) {
    Response changed =
        answer(
            maps.edit(
                servers.require(server),
                document -> document.replace(entryId, text.entry()),
                EntityTags.required(ifMatch),
                caller.name()));
    audit.after(Map.of("entry", text.entry()));
    return changed;
  }

  @DELETE
  @Path("entries/{entryId}")
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "removeIdentEntry",
      summary = "Remove one entry",
      description = "Needs If-Match.")
  @APIResponse(
      responseCode = "200",
      description = "Removed and loaded",
      content = @Content(schema = @Schema(implementation = IdentView.class)))
  public Response remove(
      @PathParam("server") String server,
      @PathParam("entryId") String entryId,
      @HeaderParam("If-Match") @Nullable String ifMatch) {
    return answer(
        maps.edit(
            servers.require(server),
            document -> document.remove(entryId),
            EntityTags.required(ifMatch),
            caller.name()));
  }

  private static Response answer(IdentMaps.Loaded loaded) {
    return Response.ok(IdentView.of(loaded))
        .header("ETag", EntityTags.quote(loaded.onDisk().sha256()))
        .build();
  }
}
