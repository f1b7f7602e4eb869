package dev.pgseal.api;

import dev.pgseal.issuing.Authorities;
import dev.pgseal.lifecycle.LifecycleConfig;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.security.Role;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.AuthorityGenerations;
import dev.pgseal.tls.ClientAuthentication;
import dev.pgseal.tls.ClientTrustOutlook;
import dev.pgseal.tls.ClientTrustStore;
import dev.pgseal.tls.ServerAccess;
import dev.pgseal.tls.ServerChange;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** Whose client certificates a server takes. */
@Path("/v1/servers/{server}/client-authentication")
@Tag(name = "Client certificates")
public class ClientAuthenticationResource {

  private final VisibleServers servers;
  private final ServerAccess access;
  private final ServerChange changes;
  private final Authorities authorities;
  private final AuthorityGenerations generations;
  private final ClientAuthentication authentication;
  private final ClientTrustOutlook outlooks;
  private final ClientTrustStore trusts;
  private final LifecycleConfig config;
  private final Caller caller;

  public ClientAuthenticationResource(
      VisibleServers servers,
      ServerAccess access,
      ServerChange changes,
      Authorities authorities,
      AuthorityGenerations generations,
      ClientAuthentication authentication,
      ClientTrustOutlook outlooks,
      ClientTrustStore trusts,
      LifecycleConfig config,
      Caller caller) {
    this.servers = servers;
    this.access = access;
    this.changes = changes;
    this.authorities = authorities;
    this.generations = generations;
    this.authentication = authentication;
    this.outlooks = outlooks;
    this.trusts = trusts;
    this.config = config;
    this.caller = caller;
  }

  /** Whose. */
  @Schema(name = "ClientAuthenticationChange")
  public record ClientAuthenticationChange(
      @NotNull @Schema(examples = "corp") String authority,
      @Nullable @Schema(description = "show what it would do, do nothing") Boolean validateOnly) {}

  /**
   * How it stands, or would.
   *
   * @param authority of pgseal whose certificates are taken; absent when that is none
   * @param caFile ssl_ca_file as it was found
   * @param foreignSessions sessions that came with a certificate of another authority: their next
   *     handshake fails
   * @param trusted authorities of which a certificate was tried and taken
   * @param crlSha256 of the revocation lists that were proved to be loaded
   */
  @Schema(name = "ClientAuthentication")
  public record ClientAuthenticationView(
      @Nullable String authority,
      String caFile,
      List<ServerConnection> foreignSessions,
      List<String> remarks,
      List<String> trusted,
      @Nullable String crlSha256) {}

  @GET
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "getClientAuthentication",
      summary = "Whose client certificates the server takes",
      description =
          "The authority and the CRL in force, and sessions whose certificate is of another.")
  public ClientAuthenticationView get(@PathParam("server") String name) {
    ManagedServer server = servers.require(name);
    ClientTrustStore.ClientTrust trust = trusts.find(server.id()).orElse(null);
    try (PostgresSession session = access.fresh(server)) {
      ClientTrustOutlook.Outlook outlook =
          outlooks.of(session, trust == null ? null : trust.authority());
      return new ClientAuthenticationView(
          trust == null ? null : trust.authority(),
          outlook.presentCaFile(),
          outlook.foreignSessions(),
          List.of(),
          List.of(),
          trust == null ? null : trust.listsSha256());
    }
  }

  @PUT
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "setClientAuthentication",
      summary = "Let the server take client certificates of an authority",
      description =
          "Sets ssl_ca_file, and ssl_crl_file when anything was revoked, and proves with certificates made for it: one of the authority is taken, a foreign one refused. From then on rules with the method cert or with clientcert are legal, and every client that presents a certificate of another authority is refused, whatever the rules say: validateOnly lists such sessions.")
  public ClientAuthenticationView put(
      @PathParam("server") String name, @Valid @NotNull ClientAuthenticationChange wanted) {
    ManagedServer server = servers.require(name);
    authorities.require(wanted.authority());
    if (Boolean.TRUE.equals(wanted.validateOnly())) {
      try (PostgresSession session = access.fresh(server)) {
        return view(wanted.authority(), outlooks.of(session, wanted.authority()), null);
      }
    }
    generations.requireSettled(wanted.authority());
    return changes.run(
        server,
        caller.name(),
        "PUT client-authentication",
        change -> {
          ClientTrustOutlook.Outlook outlook = outlooks.of(change.session(), wanted.authority());
          return view(
              wanted.authority(),
              outlook,
              authentication.trust(change, wanted.authority(), config.revocationListLife()));
        });
  }

  private static ClientAuthenticationView view(
      String authority,
      ClientTrustOutlook.Outlook outlook,
      ClientAuthentication.@Nullable Proof proof) {
    return new ClientAuthenticationView(
        authority,
        outlook.presentCaFile(),
        outlook.foreignSessions(),
        outlook.remarks(),
        proof == null ? List.of() : proof.trusted(),
        proof == null ? null : proof.listsSha256());
  }

  @DELETE
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "removeClientAuthentication",
      summary = "Ask no client for a certificate any more",
      description = "Refused while a rule asks for client certificates.")
  public void remove(@PathParam("server") String name) {
    changes.run(
        servers.require(name),
        caller.name(),
        "DELETE client-authentication",
        change -> {
          authentication.release(change);
          return null;
        });
  }
}
