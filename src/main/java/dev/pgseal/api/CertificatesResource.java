package dev.pgseal.api;

import dev.pgseal.api.CertificateRequest.KeyFormat;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.issuing.CertificateInstallation;
import dev.pgseal.issuing.CertificateOrder;
import dev.pgseal.issuing.CertificateOrder.Holder;
import dev.pgseal.issuing.CertificatePurpose;
import dev.pgseal.issuing.CertificateRecord;
import dev.pgseal.issuing.Issuing;
import dev.pgseal.lifecycle.ServedCertificates;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Role;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.CertificateInstaller;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.headers.Header;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Certificates: issued for whoever asks, and the records of all that were. */
@Path("/v1/certificates")
@Tag(name = "Certificates")
@Produces(MediaType.APPLICATION_JSON)
public class CertificatesResource {

  private final Issuing issuing;
  private final VisibleCertificates certificates;
  private final VisibleServers servers;
  private final ServedCertificates served;
  private final Caller caller;
  private final Clock clock;

  CertificatesResource(
      Issuing issuing,
      VisibleCertificates certificates,
      VisibleServers servers,
      ServedCertificates served,
      Caller caller,
      Clock clock) {
    this.issuing = issuing;
    this.certificates = certificates;
    this.servers = servers;
    this.served = served;
    this.caller = caller;
    this.clock = clock;
  }

  @POST
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "issueCertificate",
      summary = "Issue a certificate",
      description =
          """
          For the key of a CSR, whose signature and strength are checked, or for a key that is \
          made here and answered once. Nothing is installed anywhere: for that there is \
          `POST /v1/servers/{server}/certificates`. With validateOnly the answer is 200 with the \
          warnings alone.""")
  @APIResponse(
      responseCode = "200",
      description = "With validateOnly: it could be issued",
      content = @Content(schema = @Schema(implementation = IssueAnswer.class)))
  @APIResponse(
      responseCode = "201",
      description = "Issued and recorded",
      headers = {
        @Header(name = "Location", schema = @Schema(type = SchemaType.STRING)),
        @Header(name = "Cache-Control", schema = @Schema(type = SchemaType.STRING))
      },
      content = @Content(schema = @Schema(implementation = IssueAnswer.class)))
  @APIResponse(responseCode = "404", description = "The authority or the server is not there")
  @APIResponse(responseCode = "409", description = "The authority is pending or expired")
  @APIResponse(
      responseCode = "422",
      description = "The CSR cannot be used, or the authority's policy does not allow it")
  @APIResponse(responseCode = "502", description = "The ACME CA refused or failed")
  public Response issue(@Valid @NotNull CertificateRequest request) {
    CertificateOrder order = order(request);
    KeyFormat format = Objects.requireNonNullElse(request.keyFormat(), KeyFormat.PKCS8);
    if (order.csrPem() == null && format != KeyFormat.PKCS8) {
      IssueAnswer.requirePassphrase(request.passphrase());
    }
    if (Boolean.TRUE.equals(request.validateOnly())) {
      return answer(Response.ok(IssueAnswer.preview(issuing.check(order))));
    }
    Issuing.Outcome outcome = issuing.issue(order);
    IssueAnswer issued = IssueAnswer.of(outcome, format, request.passphrase(), clock.instant());
    return answer(
        Response.created(URI.create("/v1/certificates/" + outcome.certificate().id()))
            .entity(issued));
  }

  @GET
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "listCertificates",
      summary = "List the certificates, newest first",
      description = "With server, that one is asked now which of them it serves.")
  public CertificateView.CertificatePage list(
      @BeanParam PageQuery query,
      @Parameter(description = "Issued by this authority", example = "corp")
          @QueryParam("authority")
          @Nullable String authority,
      @Parameter(description = "Made for this server or put onto it", example = "db1")
          @QueryParam("server")
          @Nullable String server,
      @Parameter(
              description = "Whose notAfter is before",
              example = "2027-01-31T00:00:00Z",
              schema = @Schema(implementation = Instant.class))
          @QueryParam("expiringBefore")
          @Nullable String expiringBefore) {
    ManagedServer on = server == null ? null : servers.require(server);
    if (on != null) {
      served.look(on);
    }
    List<CertificateRecord> found =
        certificates.list(
            authority,
            on == null ? null : on.id(),
            expiringBefore == null ? null : time(expiringBefore),
            query.after(UUID::fromString),
            query.size() + 1);
    return query.page(
        found,
        record -> record.id().toString(),
        (page, next) -> new CertificateView.CertificatePage(views(page), next));
  }

  @GET
  @Path("{certificate}")
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "getCertificate",
      summary = "Read the record of a certificate",
      description =
          """
          The servers that it lies on are asked now which certificate they serve; of one that does \
          not answer the last observation is told.""")
  public CertificateView get(@PathParam("certificate") UUID id) {
    CertificateRecord record = certificates.require(id);
    certificates.installations(List.of(record)).stream()
        .map(CertificateInstallation::server)
        .distinct()
        .forEach(server -> served.look(servers.require(server)));
    return views(List.of(record)).get(0);
  }

  @GET
  @Path("{certificate}/chain")
  @Produces(MediaType.TEXT_PLAIN)
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "getCertificateChain",
      summary = "The certificate and what chains it, as PEM",
      description = "Leaf first, without the root: the content of ssl_cert_file.")
  public String chain(@PathParam("certificate") UUID id) {
    return certificates.require(id).pem();
  }

  private CertificateOrder order(CertificateRequest request) {
    return new CertificateOrder(
        request.authority(),
        holder(request),
        request.certificateSigningRequest(),
        Objects.requireNonNullElse(request.keyType(), KeyType.DEFAULT),
        request.validity(),
        Objects.requireNonNullElse(request.accept(), Set.of()),
        caller.name());
  }

  private Holder holder(CertificateRequest request) {
    if (request.purpose() == CertificatePurpose.CLIENT) {
      servers.requireWholeFleet("A client certificate");
      return new Holder.Client(
          ProvidedMaterial.require(request.commonName(), "commonName", "purpose CLIENT"));
    }
    ManagedServer server = request.server() == null ? null : servers.require(request.server());
    List<String> endpoints = request.endpoints();
    if (server == null || endpoints != null) {
      servers.requireWholeFleet("A certificate for other names than a server's own");
    }
    if (endpoints == null && server == null) {
      throw ProvidedMaterial.missing("endpoints", "purpose SERVER");
    }
    return new Holder.Server(
        endpoints == null ? CertificateInstaller.endpoints(server) : endpoints,
        !Boolean.FALSE.equals(request.legacyIpNames()),
        server == null ? null : server.id());
  }

  private List<CertificateView> views(List<CertificateRecord> page) {
    List<CertificateInstallation> where = certificates.installations(page);
    Instant now = clock.instant();
    return page.stream().map(record -> CertificateView.of(record, where, now)).toList();
  }

  private static Response answer(Response.ResponseBuilder response) {
    return response.header("Cache-Control", "no-store").build();
  }

  private static Instant time(String text) {
    try {
      return Rfc3339.parse(text);
    } catch (DateTimeException e) {
      throw new PgsealException(
              ProblemType.BAD_REQUEST, "expiringBefore must be a time such as 2027-01-31T00:00:00Z")
          .with("parameter", "expiringBefore");
    }
  }
}
