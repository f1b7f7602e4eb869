package dev.pgseal.api;

import dev.pgseal.certificate.Acceptance;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.certificate.ServerCertificateRequest;
import dev.pgseal.security.Role;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.CertificateInstaller;
import dev.pgseal.tls.CertificateSource;
import dev.pgseal.tls.InstalledCertificate;
import dev.pgseal.tls.ServerChange;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Issues certificates for a server and puts them where PostgreSQL reads them. */
@Path("/v1/servers/{server}/certificates")
@Tag(name = "Certificates")
@Produces(MediaType.APPLICATION_JSON)
public class ServerCertificatesResource {

  private final VisibleServers servers;
  private final ServerChange changes;
  private final CertificateInstaller installer;
  private final Caller caller;

  public ServerCertificatesResource(
      VisibleServers servers, ServerChange changes, CertificateInstaller installer, Caller caller) {
    this.servers = servers;
    this.changes = changes;
    this.installer = installer;
    this.caller = caller;
  }

  /** Where the certificate comes from. */
  @Schema(name = "CertificateOrigin")
  public enum Source {
    /** Issued by the authority named; the key is made on the server where openssl is there. */
    AUTHORITY,
    SELF_SIGNED,
    /** The chain and the key in this request. */
    PROVIDED
  }

  /** A certificate to install. The private key is write-only. */
  public record CertificateRequest(
      @NotNull Source source,
      @Nullable @Schema(description = "for AUTHORITY", examples = "corp") String authority,
      @Nullable @Schema(description = "of a new key, ECDSA_P256 when absent") KeyType keyType,
      @Nullable
          @Schema(
              description = "of a new certificate, ISO-8601, 365 days when absent",
              examples = "P90D")
          Duration validity,
      @Nullable @Schema(description = "for PROVIDED: PEM, leaf first") String certificateChain,
      @Nullable @Schema(description = "for PROVIDED: PEM", writeOnly = true) String privateKey,
      @Nullable
          @Schema(
              description = "for PROVIDED, instead of chain and key: PKCS#12 in base64",
              writeOnly = true)
          String pkcs12,
      @Nullable @Schema(description = "of an encrypted private key or of pkcs12", writeOnly = true)
          String passphrase,
      @Nullable @Schema(description = "checks on a provided certificate to waive")
          Set<@NotNull Acceptance> accept) {

    @Override
    public String toString() {
      return "CertificateRequest[" + source + "]";
    }

    private CertificateSource toSource() {
      return switch (source) {
        case AUTHORITY ->
            new CertificateSource.FromAuthority(
                ProvidedMaterial.require(authority, "authority", source));
        case SELF_SIGNED -> new CertificateSource.SelfSigned();
        case PROVIDED -> provided();
      };
    }

    private CertificateSource provided() {
      ProvidedMaterial material =
          ProvidedMaterial.of(certificateChain, privateKey, pkcs12, passphrase, source);
      return new CertificateSource.Provided(
          material.chainPem(),
          material.keyPem(),
          material.passphrase() == null ? null : new String(material.passphrase()));
    }
  }

  @POST
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "installCertificate",
      summary = "Issue or take a certificate and install it",
      description =
          "Answers where it lies and what a handshake showed afterwards (null while ssl is off). A certificate that does not prove itself is taken back.")
  @APIResponse(
      responseCode = "201",
      description = "Installed",
      content = @Content(schema = @Schema(implementation = InstalledCertificate.class)))
  public Response install(
      @PathParam("server") String name, @Valid @NotNull CertificateRequest request) {
    ManagedServer server = servers.require(name);
    CertificateInstaller.Request wanted =
        new CertificateInstaller.Request(
            request.toSource(),
            Objects.requireNonNullElse(request.keyType(), KeyType.DEFAULT),
            Objects.requireNonNullElse(
                request.validity(), ServerCertificateRequest.DEFAULT_VALIDITY),
            Objects.requireNonNullElse(request.accept(), Set.of()));
    InstalledCertificate installed =
        changes.run(
            server,
            caller.name(),
            "POST certificates",
            change -> installer.install(change, wanted, installer.prepareUndo(change)));
    return Response.status(Response.Status.CREATED).entity(installed).build();
  }
}
