package dev.pgseal.api;

import dev.pgseal.postgres.ServerSetting;
import dev.pgseal.security.Role;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerStore;
import dev.pgseal.server.TlsMode;
import dev.pgseal.tls.ServerChange;
import dev.pgseal.tls.SslState;
import dev.pgseal.tls.SslStateReader;
import dev.pgseal.tls.SslSwitch;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import java.util.LinkedHashMap;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The four faces of a server's TLS, and the switch. */
@Path("/v1/servers/{server}/ssl")
@Tag(name = "SSL")
public class SslResource {

  private final VisibleServers visible;
  private final ServerStore servers;
  private final SslStateReader states;
  private final SslSwitch ssl;
  private final ServerChange changes;
  private final Caller caller;
  private final AuditDetails audit;

  public SslResource(
      VisibleServers visible,
      ServerStore servers,
      SslStateReader states,
      SslSwitch ssl,
      ServerChange changes,
      Caller caller,
      AuditDetails audit) {
    this.visible = visible;
    this.servers = servers;
    this.states = states;
    this.ssl = ssl;
    this.changes = changes;
    this.caller = caller;
    this.audit = audit;
  }

  /** What ssl shall be. */
  @Schema(name = "SslChange")
  public record SslChange(
      @NotNull @Schema(examples = "true") Boolean enabled,
      @Nullable
          @Pattern(regexp = "TLSv1\\.[23]", message = "must be TLSv1.2 or TLSv1.3")
          @Schema(
              description = "for ssl_min_protocol_version; left alone when absent",
              examples = "TLSv1.3")
          String minProtocolVersion) {}

  @GET
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "getSsl",
      summary = "The four faces of TLS on a server",
      description =
          "Requested, configured, served and enforced, each observed by itself: settings over SQL, the rest from fresh sockets.")
  public SslState get(@PathParam("server") String server) {
    return states.read(visible.require(server));
  }

  @PUT
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "setSsl",
      summary = "Turn ssl on or off, proved or undone",
      description =
          "Answered when a handshake from outside proves it; otherwise undone, with the reason. Refuses what would lock out.")
  public SslState put(@PathParam("server") String name, @Valid @NotNull SslChange wanted) {
    ManagedServer server = visible.require(name);
    audit.before(inShort(states.read(server)));
    changes.run(
        server,
        caller.name(),
        "PUT ssl",
        change -> {
          if (wanted.enabled()) {
            ssl.ensureOn(change, wanted.minProtocolVersion());
          } else {
            ssl.ensureOff(change);
          }
          return null;
        });
    servers.setDesiredMode(server.id(), wanted.enabled() ? TlsMode.OFFERED : TlsMode.DISABLED);
    SslState after = states.read(visible.require(name));
    audit.after(inShort(after));
    return after;
  }

  private static Map<String, Object> inShort(SslState state) {
    Map<String, Object> facts = new LinkedHashMap<>();
    facts.put("mode", state.mode());
    facts.put("ssl", state.configured().ssl());
    facts.put("served", state.served().fingerprint());
    ServerSetting floor = state.configured().settings().get("ssl_min_protocol_version");
    facts.put("minProtocolVersion", floor == null ? null : floor.value());
    return facts;
  }
}
