package dev.pgseal.api;

import dev.pgseal.certificate.Pem;
import dev.pgseal.certificate.TrustBundle;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.issuing.StoredAuthority;
import dev.pgseal.lifecycle.RevocationService;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Role;
import dev.pgseal.tls.AuthorityGenerations;
import jakarta.annotation.security.PermitAll;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.security.cert.X509Certificate;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.security.SecurityRequirements;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jboss.resteasy.reactive.Cache;

/** Certificate authorities; keys that are here never leave the service. */
@Path("/v1/authorities")
@Tag(name = "Authorities")
@Produces(MediaType.APPLICATION_JSON)
public class AuthoritiesResource {

  private final Authorities authorities;
  private final AuthorityGenerations generations;
  private final AuthorityCreation creation;
  private final RevocationService revocations;

  AuthoritiesResource(
      Authorities authorities,
      AuthorityGenerations generations,
      AuthorityCreation creation,
      RevocationService revocations) {
    this.authorities = authorities;
    this.generations = generations;
    this.creation = creation;
    this.revocations = revocations;
  }

  /** What an authority outside signed. */
  @Schema(name = "AuthorityCompletion")
  public record Completion(
      @NotNull
          @Schema(
              description = "PEM: the signed certificate first, then its issuers, the root last")
          String certificateChain) {}

  @POST
  @RolesAllowed(Role.Name.ADMIN)
  @Operation(
      operationId = "createAuthority",
      summary = "Make, take or connect an authority",
      description =
          """
          ROOT, INTERMEDIATE and PENDING have a new key made here; it is sealed and never shown, \
          like one that is IMPORTED. Its policy is held against everything it issues; what an \
          INTERMEDIATE's policy does not say is as in its parent's. ACME opens an account with a \
          CA outside (its terms of service are agreed to) and is used like any other authority, \
          for server certificates.""")
  @APIResponse(
      responseCode = "201",
      description = "Made",
      content = @Content(schema = @Schema(implementation = AuthorityView.class)))
  @APIResponse(responseCode = "409", description = "The name is taken, or the parent is pending")
  @APIResponse(
      responseCode = "422",
      description = "It could not issue, or its parent may not sign it")
  @APIResponse(responseCode = "502", description = "The ACME CA refused or cannot be reached")
  public Response create(@Valid @NotNull AuthorityRequest request) {
    StoredAuthority stored = creation.create(request);
    revocations.begin(stored);
    return Response.created(URI.create("/v1/authorities/" + stored.name()))
        .entity(AuthorityView.of(stored))
        .build();
  }

  @POST
  @Path("{authority}:complete")
  @RolesAllowed(Role.Name.ADMIN)
  @Operation(
      operationId = "completeAuthority",
      summary = "Give a pending authority its certificate",
      description = "It is an active INTERMEDIATE then. Its key was here all the time.")
  @APIResponse(
      responseCode = "200",
      description = "It can issue now",
      content = @Content(schema = @Schema(implementation = AuthorityView.class)))
  @APIResponse(responseCode = "409", description = "It is not pending")
  @APIResponse(responseCode = "422", description = "The chain is for another key, or cannot issue")
  public AuthorityView complete(
      @PathParam("authority") String authority, @Valid @NotNull Completion completion) {
    StoredAuthority stored = authorities.complete(authority, completion.certificateChain());
    revocations.begin(stored);
    return AuthorityView.of(stored);
  }

  @GET
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "listAuthorities",
      summary = "List the authorities by name",
      description = "Those with a key here, and those outside.")
  public AuthorityView.AuthorityList list(@BeanParam PageQuery query) {
    List<StoredAuthority> found = authorities.list(query.after(String::new), query.size() + 1);
    return query.page(
        found,
        StoredAuthority::name,
        (page, next) ->
            new AuthorityView.AuthorityList(page.stream().map(AuthorityView::of).toList(), next));
  }

  @GET
  @Path("{authority}")
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "getAuthority",
      summary = "Read an authority",
      description = "Its certificates and policy; never its key.")
  public AuthorityView get(@PathParam("authority") String authority) {
    return AuthorityView.of(authorities.require(authority));
  }

  @GET
  @Path("{authority}/certificate")
  @Produces(MediaType.TEXT_PLAIN)
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "getAuthorityCertificate",
      summary = "Its certificate, as PEM",
      description = "That of the generation that signs; clients trust the bundle.")
  public String certificate(@PathParam("authority") String authority) {
    List<X509Certificate> chain = Authorities.chain(authorities.require(authority));
    if (chain.isEmpty()) {
      throw none(authority, "certificate");
    }
    return Pem.encode(chain.get(0));
  }

  @GET
  @Path("{authority}/bundle")
  @Produces(MediaType.TEXT_PLAIN)
  @Cache(maxAge = 60)
  @SecurityRequirements
  @PermitAll
  @Operation(
      operationId = "getAuthorityBundle",
      summary = "What clients trust, as PEM",
      description =
          """
          The content of sslrootcert for sslmode=verify-full. Needs no token. While the authority \
          is being rotated it holds both generations.""")
  public String bundle(@PathParam("authority") String authority) {
    return generations
        .bundle(authorities.require(authority))
        .map(TrustBundle::pem)
        .orElseThrow(() -> none(authority, "bundle"));
  }

  private static PgsealException none(String authority, String what) {
    return new PgsealException(
            ProblemType.NOT_FOUND, "The authority %s has no %s".formatted(authority, what))
        .with("authority", authority)
        .hint("It waits for :complete, or it is a CA outside that was given without its roots.");
  }
}
