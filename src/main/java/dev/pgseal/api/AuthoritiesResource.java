package dev.pgseal.api;

import dev.pgseal.certificate.Acceptance;
import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.AuthorityProfile;
import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.Pem;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.issuing.StoredAuthority;
import dev.pgseal.tls.AuthorityGenerations;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Private certificate authorities; their keys never leave the service. */
@Path("/v1/authorities")
@Tag(name = "Authorities")
@Produces(MediaType.APPLICATION_JSON)
public class AuthoritiesResource {

  private static final int ALL = 500;

  private final Authorities authorities;
  private final AuthorityGenerations generations;

  public AuthoritiesResource(Authorities authorities, AuthorityGenerations generations) {
    this.authorities = authorities;
    this.generations = generations;
  }

  /** What the authority is to be. */
  public record AuthorityRequest(
      @NotNull
          @Pattern(
              regexp = "[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?",
              message = "must be lower-case letters, digits and hyphens, at most 63")
          @Schema(examples = "corp")
          String name,
      @Nullable
          @Size(min = 1, max = 64)
          @Schema(description = "the name when absent", examples = "Corp PostgreSQL CA")
          String commonName,
      @Nullable @Schema(description = "ECDSA_P256 when absent") KeyType keyType,
      @Nullable
          @Schema(description = "ISO-8601 duration, ten years when absent", examples = "P3650D")
          Duration validity,
      @Nullable
          @Schema(
              description = "needed for an Ed25519 authority: SIGNATURE_WITHOUT_CHANNEL_BINDING")
          Set<Acceptance> accept) {}

  /** An authority without its key. */
  public record AuthorityView(
      String name, String keyType, Instant createdAt, CertificateDescription certificate) {

    static AuthorityView of(StoredAuthority stored) {
      return new AuthorityView(
          stored.name(),
          stored.keyType(),
          stored.createdAt(),
          CertificateDescription.of(Authorities.chain(stored).get(0)));
    }
  }

  /** The authorities. */
  public record AuthorityList(List<AuthorityView> authorities) {}

  @POST
  @Operation(
      operationId = "createAuthority",
      summary = "Make a private authority",
      description = "A self-signed root with a new key, which is sealed and never shown.")
  @APIResponse(
      responseCode = "201",
      description = "Made",
      content = @Content(schema = @Schema(implementation = AuthorityView.class)))
  @APIResponse(responseCode = "409", description = "The name is taken")
  @APIResponse(
      responseCode = "422",
      description = "Such an authority cannot be made, or only with an explicit acceptance")
  public Response create(@Valid @NotNull AuthorityRequest request) {
    AuthorityProfile profile =
        new AuthorityProfile(
            Objects.requireNonNullElse(request.commonName(), request.name()),
            null,
            Objects.requireNonNullElse(request.keyType(), KeyType.DEFAULT),
            Objects.requireNonNullElse(request.validity(), AuthorityProfile.DEFAULT_VALIDITY),
            null,
            AuthorityPolicy.DEFAULT,
            Objects.requireNonNullElse(request.accept(), Set.of()));
    StoredAuthority stored = authorities.createRoot(request.name(), profile);
    return Response.created(URI.create("/v1/authorities/" + stored.name()))
        .entity(AuthorityView.of(stored))
        .build();
  }

  @GET
  @Operation(operationId = "listAuthorities", summary = "The authorities")
  public AuthorityList list() {
    return new AuthorityList(authorities.list(null, ALL).stream().map(AuthorityView::of).toList());
  }

  @GET
  @Path("{authority}")
  @Operation(operationId = "getAuthority", summary = "One authority")
  public AuthorityView get(@PathParam("authority") String authority) {
    return AuthorityView.of(authorities.require(authority));
  }

  @GET
  @Path("{authority}/certificate")
  @Produces(MediaType.TEXT_PLAIN)
  @Operation(operationId = "getAuthorityCertificate", summary = "Its certificate, as PEM")
  public String certificate(@PathParam("authority") String authority) {
    return Pem.encode(Authorities.chain(authorities.require(authority)).get(0));
  }

  @GET
  @Path("{authority}/bundle")
  @Produces(MediaType.TEXT_PLAIN)
  @Operation(
      operationId = "getAuthorityBundle",
      summary = "What clients trust, as PEM",
      description =
          "The content of sslrootcert for sslmode=verify-full. While the authority is being rotated it holds both generations.")
  public String bundle(@PathParam("authority") String authority) {
    return generations.requireBundle(authorities.require(authority)).pem();
  }
}
