package dev.pgseal.api;

import dev.pgseal.job.Requester;
import dev.pgseal.security.ApiToken;
import dev.pgseal.security.Grant;
import dev.pgseal.security.Role;
import dev.pgseal.security.Tokens;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The bearer tokens of the API itself. */
@Path("/v1/tokens")
@Tag(name = "Tokens")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
public class TokenResource {

  private final Tokens tokens;
  private final Caller caller;

  TokenResource(Tokens tokens, Caller caller) {
    this.tokens = tokens;
    this.caller = caller;
  }

  /** What a caller asks for. */
  @Schema(name = "TokenRequest")
  public record TokenRequest(
      @NotNull
          @Pattern(regexp = Names.PATTERN, message = Names.MESSAGE)
          @Schema(
              description = "Unique; recorded with everything that is done with the token",
              examples = "deploy-pipeline")
          String name,
      @NotEmpty
          @Schema(
              description =
                  "What it may do. VIEWER: read. OPERATOR: read, and change managed servers. APPROVER: read, and let jobs go on or cancel them. ADMIN: everything.",
              examples = "[\"OPERATOR\"]")
          Set<@NotNull Role> roles,
      @Size(max = 64)
          @Schema(
              description =
                  "Only servers that have all of these labels are there for it; absent or empty: every server. Not for an ADMIN.",
              examples = "{\"env\": \"test\"}")
          @Nullable
              Map<
                  @Pattern(regexp = ServerFields.LABEL_KEY, message = ServerFields.LABEL_MESSAGE)
                  String,
                  @NotNull @Size(max = 255) String>
              serverLabels,
      @Schema(description = "Absent: it does not expire", examples = "2027-12-31T00:00:00Z")
          @Nullable Instant expiresAt) {

    private Grant grant() {
      return new Grant(roles, Objects.requireNonNullElse(serverLabels, Map.of()));
    }
  }

  /** A token as it is shown later. */
  @Schema(name = "Token")
  public record TokenView(
      @Schema(examples = "deploy-pipeline") String name,
      @Schema(examples = "[\"OPERATOR\"]") List<Role> roles,
      @Schema(description = "Empty: every server", examples = "{\"env\": \"test\"}")
          Map<String, String> serverLabels,
      @Schema(examples = "bootstrap") String createdBy,
      Instant createdAt,
      @Nullable Instant expiresAt,
      @Schema(description = "To within ten minutes; absent when it was never used")
          @Nullable Instant lastUsedAt) {

    static TokenView of(ApiToken token) {
      return new TokenView(
          token.name(),
          sorted(token.grant()),
          token.grant().serverLabels(),
          token.createdBy(),
          token.createdAt(),
          token.expiresAt(),
          token.lastUsedAt());
    }
  }

  /** A token as it is shown once. */
  @Schema(name = "IssuedToken")
  public record IssuedToken(
      @Schema(examples = "deploy-pipeline") String name,
      @Schema(
              description = "Shown in this answer only",
              examples = "pgs_3q2-7wAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
          String token,
      @Schema(examples = "[\"OPERATOR\"]") List<Role> roles,
      @Schema(description = "Empty: every server", examples = "{\"env\": \"test\"}")
          Map<String, String> serverLabels,
      Instant createdAt,
      @Nullable Instant expiresAt) {

    private static IssuedToken of(Tokens.Issued issued) {
      ApiToken token = issued.token();
      return new IssuedToken(
          token.name(),
          issued.value(),
          sorted(token.grant()),
          token.grant().serverLabels(),
          token.createdAt(),
          token.expiresAt());
    }

    /** Never shows the value. */
    @Override
    public String toString() {
      return name;
    }
  }

  /** A page of tokens. */
  @Schema(name = "TokenPage")
  public record TokenPage(List<TokenView> tokens, @Nullable String nextPageToken) {}

  @POST
  @RolesAllowed(Role.Name.ADMIN)
  @Operation(
      operationId = "createToken",
      summary = "Make a token",
      description = "Its value is in this answer only: pgseal keeps a hash.")
  @APIResponse(
      responseCode = "201",
      description = "Made",
      content = @Content(schema = @Schema(implementation = IssuedToken.class)))
  @APIResponse(responseCode = "409", description = "The name is taken")
  public Response create(@NotNull @Valid TokenRequest request) {
    Tokens.Issued issued =
        tokens.issue(request.name(), request.grant(), request.expiresAt(), makers());
    return Response.created(URI.create("/v1/tokens/" + issued.token().name()))
        .header("Cache-Control", "no-store")
        .entity(IssuedToken.of(issued))
        .build();
  }

  private List<String> makers() {
    Requester maker = caller.actor();
    return Stream.concat(Stream.of(maker.name()), maker.madeBy().stream()).toList();
  }

  private static List<Role> sorted(Grant grant) {
    return grant.roles().stream().sorted().toList();
  }

  @GET
  @RolesAllowed(Role.Name.ADMIN)
  @Operation(
      operationId = "listTokens",
      summary = "List the tokens, without their values",
      description = "By name, with what each is good for and when it was used.")
  public TokenPage list(@BeanParam PageQuery query) {
    List<ApiToken> tokens = this.tokens.list(query.after(String::new), query.size() + 1);
    return query.page(
        tokens,
        ApiToken::name,
        (page, next) -> new TokenPage(page.stream().map(TokenView::of).toList(), next));
  }

  @DELETE
  @Path("{token}")
  // nothing but a problem has a body here, and that is what clients ask for
  @Produces({MediaType.APPLICATION_JSON, Problem.MEDIA_TYPE})
  @RolesAllowed(Role.Name.ADMIN)
  @Operation(
      operationId = "deleteToken",
      summary = "Delete a token",
      description = "It is refused from now on. A token cannot delete itself.")
  @APIResponse(responseCode = "204", description = "Deleted")
  @APIResponse(responseCode = "409", description = "It is the token of this very request")
  public void delete(@PathParam("token") String name) {
    tokens.delete(name, caller.name());
  }
}
