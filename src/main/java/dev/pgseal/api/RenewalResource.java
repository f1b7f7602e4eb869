package dev.pgseal.api;

import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.issuing.Authorities;
import dev.pgseal.issuing.StoredAuthority;
import dev.pgseal.job.Job;
import dev.pgseal.lifecycle.RenewalService;
import dev.pgseal.lifecycle.ServedCertificates;
import dev.pgseal.security.Role;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.RenewalStore;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.DecimalMax;
import jakarta.validation.constraints.DecimalMin;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** How a server's certificate is renewed. */
@Path("/v1/servers/{server}")
@Tag(name = "Certificates")
@Produces(MediaType.APPLICATION_JSON)
public class RenewalResource {

  private static final double DEFAULT_RENEW_AT = 2 / 3.0;

  private final VisibleServers servers;
  private final RenewalService service;
  private final RenewalStore store;
  private final ServedCertificates served;
  private final Authorities authorities;
  private final Caller caller;

  public RenewalResource(
      VisibleServers servers,
      RenewalService service,
      RenewalStore store,
      ServedCertificates served,
      Authorities authorities,
      Caller caller) {
    this.servers = servers;
    this.service = service;
    this.store = store;
    this.served = served;
    this.authorities = authorities;
    this.caller = caller;
  }

  /** When and how to renew. */
  public record RenewalPolicy(
      @NotNull @Schema(examples = "true") Boolean enabled,
      @Nullable
          @DecimalMin("0.1")
          @DecimalMax("0.95")
          @Schema(
              description = "fraction of the certificate's life, two thirds when absent",
              examples = "0.67")
          Double renewAt,
      @Nullable @Schema(description = "of the next certificates, ISO-8601; left alone when absent")
          Duration validity) {}

  /**
   * How it stands.
   *
   * @param automatic whether it is renewed by itself
   * @param reason why not
   * @param dueAt when the next renewal begins
   * @param failures in a row
   * @param nextAttemptAt after a failure
   * @param job the last renewal's
   */
  @Schema(name = "Renewal")
  public record RenewalView(
      boolean automatic,
      @Nullable String reason,
      @Nullable Boolean enabled,
      @Nullable Double renewAt,
      @Nullable String authority,
      @Nullable KeyType keyType,
      @Nullable Duration validity,
      @Nullable Instant dueAt,
      @Nullable ServedView served,
      int failures,
      @Nullable String lastProblem,
      @Nullable Instant lastAttemptAt,
      @Nullable Instant lastRenewedAt,
      @Nullable Instant nextAttemptAt,
      @Nullable UUID job) {

    private static RenewalView of(RenewalService.Status status) {
      RenewalStore.Renewal r = status.renewal();
      ServedView served = status.served() == null ? null : ServedView.of(status.served());
      return r == null
          ? new RenewalView(
              false,
              status.reason(),
              null,
              null,
              null,
              null,
              null,
              null,
              served,
              0,
              null,
              null,
              null,
              null,
              null)
          : new RenewalView(
              status.automatic(),
              status.reason(),
              r.enabled(),
              r.renewAt(),
              r.authority(),
              KeyType.valueOf(r.keyType()),
              r.validity(),
              status.dueAt(),
              served,
              r.failures(),
              r.lastProblem(),
              r.lastAttemptAt(),
              r.lastRenewedAt(),
              r.nextAttemptAt(),
              r.jobId());
    }
  }

  /** What the last look at the server's handshake showed. */
  @Schema(name = "ServedCertificate")
  public record ServedView(
      String fingerprint, String issuer, Instant notAfter, Instant observedAt) {

    private static ServedView of(RenewalStore.Observed observed) {
      return new ServedView(
          observed.fingerprint(), observed.issuer(), observed.notAfter(), observed.observedAt());
    }
  }

  @GET
  @Path("renewal")
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "getRenewal",
      summary = "How the server's certificate is renewed",
      description = "The server is asked now what it serves.")
  public RenewalView get(@PathParam("server") String server) {
    return seen(servers.require(server));
  }

  @PUT
  @Path("renewal")
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "setRenewal",
      summary = "When the server's certificate is renewed",
      description = "A certificate that was brought along is never replaced, only watched.")
  public RenewalView set(@PathParam("server") String name, @Valid @NotNull RenewalPolicy policy) {
    ManagedServer server = servers.require(name);
    requireIssuable(server, policy.validity());
    store.setPolicy(
        server.id(),
        policy.enabled(),
        policy.renewAt() == null ? DEFAULT_RENEW_AT : policy.renewAt(),
        policy.validity());
    return seen(server);
  }

  /** What is only watched takes the longest validity that is usual. */
  private void requireIssuable(ManagedServer server, @Nullable Duration validity) {
    if (validity == null) {
      return;
    }
    store
        .find(server.id())
        .map(RenewalStore.Renewal::authority)
        .map(authorities::require)
        .map(StoredAuthority::policy)
        .orElse(AuthorityPolicy.DEFAULT)
        .requireValidity(validity);
  }

  private RenewalView seen(ManagedServer server) {
    served.look(server);
    return RenewalView.of(service.status(server));
  }

  @POST
  @Path("certificates:renew")
  @Consumes(MediaType.WILDCARD)
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "renewCertificate",
      summary = "Renew the server's certificate now",
      description =
          "A job: a new key and certificate like the present ones, seen served, then the old key is removed.")
  @APIResponse(
      responseCode = "202",
      description = "Accepted: follow the job in Location",
      content = @Content(schema = @Schema(implementation = JobView.class)))
  public Response renew(@PathParam("server") String server) {
    ManagedServer renewed = servers.require(server);
    served.look(renewed);
    Job job = service.start(renewed, caller.name());
    return Response.accepted(JobView.of(job)).location(URI.create("/v1/jobs/" + job.id())).build();
  }
}
