package dev.pgseal.api;

import dev.pgseal.security.Role;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.HbaRules;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** What is done to one rule besides changing its text. */
@Path("/v1/servers/{server}/hba")
@Tag(name = "hba")
@Produces(MediaType.APPLICATION_JSON)
public class HbaRuleVerbsResource {

  private final VisibleServers servers;
  private final HbaRules rules;
  private final HbaAnswers answers;
  private final Caller caller;

  public HbaRuleVerbsResource(
      VisibleServers servers, HbaRules rules, HbaAnswers answers, Caller caller) {
    this.servers = servers;
    this.rules = rules;
    this.answers = answers;
    this.caller = caller;
  }

  /**
   * Where a rule goes: one of the two.
   *
   * @param before id of the rule in front of which it goes
   * @param after id of the rule behind which it goes
   */
  public record RuleMove(@Nullable String before, @Nullable String after) {}

  /**
   * Why a rule is turned off.
   *
   * @param reason one line, written in front of it
   */
  @Schema(name = "RuleDisabling")
  public record RuleDisabling(
      @Nullable @Size(max = 200) @Schema(examples = "the old app is gone") String reason) {}

  @POST
  @Path("rules/{ruleId}:move")
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "moveRule",
      summary = "Move one rule",
      description =
          "In front of another rule or behind it, also of another file, with its bytes as they are."
              + " Needs If-Match.")
  @APIResponse(
      responseCode = "200",
      description = "Moved, loaded and proved",
      content = @Content(schema = @Schema(implementation = HbaView.class)))
  public Response move(
      @PathParam("server") String name,
      @PathParam("ruleId") String ruleId,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      @Valid @NotNull RuleMove target) {
    ManagedServer server = servers.require(name);
    return answers.of(
        server,
        rules.move(
            server,
            ruleId,
            target.before(),
            target.after(),
            EntityTags.required(ifMatch),
            caller.name()));
  }

  @POST
  @Path("rules/{ruleId}:disable")
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "disableRule",
      summary = "Turn one rule off",
      description =
          "Makes its line a comment, the reason in front of it. It is turned on again by restoring"
              + " the revision before, or by inserting it. Needs If-Match.")
  @APIResponse(
      responseCode = "200",
      description = "Turned off, loaded and proved",
      content = @Content(schema = @Schema(implementation = HbaView.class)))
  public Response disable(
      @PathParam("server") String name,
      @PathParam("ruleId") String ruleId,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      @Valid @Nullable RuleDisabling disabling) {
    ManagedServer server = servers.require(name);
    return answers.of(
        server,
        rules.disable(
            server,
            ruleId,
            disabling == null ? null : disabling.reason(),
            EntityTags.required(ifMatch),
            caller.name()));
  }
}
