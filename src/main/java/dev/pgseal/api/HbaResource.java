package dev.pgseal.api;

import dev.pgseal.security.Role;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.HbaLoader;
import dev.pgseal.tls.HbaRules;
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
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** A server's pg_hba.conf: read it, replace it, change one rule. */
@Path("/v1/servers/{server}/hba")
@Tag(name = "hba")
@Produces(MediaType.APPLICATION_JSON)
public class HbaResource {

  private final VisibleServers servers;
  private final HbaRules rules;
  private final HbaAnswers answers;
  private final Caller caller;

  public HbaResource(VisibleServers servers, HbaRules rules, HbaAnswers answers, Caller caller) {
    this.servers = servers;
    this.rules = rules;
    this.answers = answers;
    this.caller = caller;
  }

  /**
   * Where and what to insert.
   *
   * @param before id of the rule in front of which it goes
   * @param after id of the rule behind which it goes; without either it goes to the end
   */
  public record RuleInsertion(
      @NotBlank @Schema(examples = "hostssl all all 10.0.0.0/8 scram-sha-256") String rule,
      @Nullable String before,
      @Nullable String after) {}

  /** The new text of a rule. */
  public record RuleText(
      @NotBlank @Schema(examples = "hostssl all all 10.0.0.0/8 scram-sha-256") String rule) {}

  @GET
  @Produces(MediaType.APPLICATION_JSON)
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "getHba",
      summary = "The rules of pg_hba.conf",
      description =
          "In the order in which PostgreSQL looks at them, included files spliced in."
              + " ldapbindpasswd and radiussecrets are masked unless the caller is an operator. The"
              + " ETag is of all files, lists of names included. What somebody changed outside"
              + " pgseal is kept as a revision. Accept: text/plain gives an operator the main"
              + " file's bytes.")
  @APIResponse(
      responseCode = "200",
      description = "The rules; the ETag header goes into If-Match of a change",
      content = {
        @Content(
            mediaType = MediaType.APPLICATION_JSON,
            schema = @Schema(implementation = HbaView.class)),
        @Content(mediaType = MediaType.TEXT_PLAIN, schema = @Schema(implementation = String.class))
      })
  public Response get(@PathParam("server") String server, @Context HttpHeaders headers) {
    HbaLoader.Loaded loaded = rules.read(servers.require(server));
    return known(headers, loaded.tag()) ? notModified(loaded.tag()) : answers.of(loaded);
  }

  private static boolean known(HttpHeaders headers, String tag) {
    return EntityTags.matchesWeakly(
        headers.getRequestHeader(HttpHeaders.IF_NONE_MATCH), EntityTags.quote(tag));
  }

  private static Response notModified(String tag) {
    return HbaAnswers.tagged(Response.notModified(), tag);
  }

  @GET
  @Produces(MediaType.TEXT_PLAIN)
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(hidden = true)
  public Response raw(@PathParam("server") String server, @Context HttpHeaders headers) {
    HbaLoader.Loaded loaded = rules.read(servers.require(server));
    if (known(headers, loaded.tag())) {
      return notModified(loaded.tag());
    }
    return HbaAnswers.tagged(Response.ok(loaded.onDisk().content()), loaded.tag());
  }

  @PUT
  @Consumes(MediaType.TEXT_PLAIN)
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "replaceHba",
      summary = "Replace pg_hba.conf",
      description =
          "Needs If-Match. Files that it includes stay as they are. The text is judged before it is"
              + " written (would PostgreSQL refuse it, would it refuse pgseal itself), gets"
              + " pgseal's sentinel line on top, and is proved to be loaded; otherwise the previous"
              + " file comes back.")
  @APIResponse(
      responseCode = "200",
      description = "Written, loaded and proved",
      content = @Content(schema = @Schema(implementation = HbaView.class)))
  public Response replace(
      @PathParam("server") String name,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      @RequestBody(
              required = true,
              content =
                  @Content(
                      mediaType = MediaType.TEXT_PLAIN,
                      schema = @Schema(implementation = String.class)))
          byte @Nullable [] content) {
    ManagedServer server = servers.require(name);
    byte[] bytes = content == null ? new byte[0] : content;
    return answers.of(
        server, rules.replace(server, bytes, EntityTags.required(ifMatch), caller.name()));
  }

  @POST
  @Path("rules")
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "insertRule",
      summary = "Insert one rule",
      description =
          "Into the file of the rule that before or after names, or at the end of the main file. It"
              + " takes the columns of its neighbours where they agree. Needs If-Match.")
  @APIResponse(
      responseCode = "200",
      description = "Inserted, loaded and proved",
      content = @Content(schema = @Schema(implementation = HbaView.class)))
  public Response insert(
      @PathParam("server") String name,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      @Valid @NotNull RuleInsertion insertion) {
    ManagedServer server = servers.require(name);
    return answers.of(
        server,
        rules.insert(
            server,
            insertion.rule(),
            insertion.before(),
            insertion.after(),
            EntityTags.required(ifMatch),
            caller.name()));
  }

  @PUT
  @Path("rules/{ruleId}")
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "changeRule",
      summary = "Change one rule",
      description =
          "In whichever file it lies; no other line changes. It takes the columns of its neighbours"
              + " where they agree. Needs If-Match.")
  @APIResponse(
      responseCode = "200",
      description = "Changed, loaded and proved",
      content = @Content(schema = @Schema(implementation = HbaView.class)))
  public Response change(
      @PathParam("server") String name,
      @PathParam("ruleId") String ruleId,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      @Valid @NotNull RuleText text) {
    ManagedServer server = servers.require(name);
    return answers.of(
        server,
        rules.change(server, ruleId, text.rule(), EntityTags.required(ifMatch), caller.name()));
  }

  @DELETE
  @Path("rules/{ruleId}")
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "removeRule",
      summary = "Remove one rule",
      description = "Needs If-Match.")
  @APIResponse(
      responseCode = "200",
      description = "Removed, loaded and proved",
      content = @Content(schema = @Schema(implementation = HbaView.class)))
  public Response remove(
      @PathParam("server") String name,
      @PathParam("ruleId") String ruleId,
      @HeaderParam("If-Match") @Nullable String ifMatch) {
    ManagedServer server = servers.require(name);
    return answers.of(
        server, rules.remove(server, ruleId, EntityTags.required(ifMatch), caller.name()));
  }
}
