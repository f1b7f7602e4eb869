package dev.pgseal.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.postgres.TerminateResult;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Role;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.Drain;
import dev.pgseal.tls.ServerAccess;
import jakarta.annotation.security.RolesAllowed;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.validation.Valid;
import jakarta.validation.constraints.NotNull;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Predicate;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.Parameter;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;

/** Who is connected to a server and how, and ending them. */
@ApplicationScoped
@Path("/v1/servers/{server}")
@Tag(name = "Connections")
public class ConnectionsResource {

  private static final Duration TERMINATE_WAIT = Duration.ofSeconds(5);

  private final VisibleServers servers;
  private final ServerAccess access;
  private final ServerConnections connections;
  private final Drain drain;
  private final AuditDetails audit;
  private final ObjectMapper json;
  private final JoinedReads<Listing, byte[]> joined = new JoinedReads<>();

  public ConnectionsResource(
      VisibleServers servers,
      ServerAccess access,
      ServerConnections connections,
      Drain drain,
      AuditDetails audit,
      ObjectMapper json) {
    this.servers = servers;
    this.access = access;
    this.connections = connections;
    this.drain = drain;
    this.audit = audit;
    this.json = json;
  }

  @GET
  @Path("connections")
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "listConnections",
      summary = "The sessions of a server with their encryption",
      description =
          "Sessions whose encryption our login may not see are UNKNOWN, never left out. The summary counts by user, application and address.")
  @APIResponse(
      responseCode = "200",
      description = "The sessions",
      content =
          @Content(
              mediaType = MediaType.APPLICATION_JSON,
              schema = @Schema(implementation = ConnectionList.class)))
  public Response list(@PathParam("server") String name, @BeanParam ConnectionFilter filter) {
    ManagedServer server = servers.require(name);
    Listing listing = new Listing(server.id(), server.revision(), filter.criteria());
    return Response.ok(joined.get(listing, () -> read(server, filter)))
        .type(MediaType.APPLICATION_JSON_TYPE)
        .build();
  }

  /** What callers share who ask for it at the same time. */
  private record Listing(UUID server, long revision, List<String> criteria) {}

  private byte[] read(ManagedServer server, ConnectionFilter filter) {
    Predicate<ServerConnection> wanted = filter.predicate();
    try (PostgresSession session = access.borrow(server)) {
      return json.writeValueAsBytes(
          ConnectionList.of(connections.list(session).stream().filter(wanted).toList()));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  @DELETE
  @Path("connections/{pid}")
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "terminateConnection",
      summary = "End one session",
      description =
          "Pid and backendStart are checked in the statement that ends it: a pid that was used again is never hit.")
  public Termination terminate(
      @PathParam("server") String name,
      @PathParam("pid") int pid,
      @NotNull
          @QueryParam("backendStart")
          @Parameter(
              description = "as the list shows it, to the microsecond",
              required = true,
              schema = @Schema(implementation = Instant.class))
          String began) {
    Instant backendStart = QueryValues.instant("backendStart", began);
    ManagedServer server = servers.require(name);
    try (PostgresSession session = access.borrow(server)) {
      TerminateResult result = connections.terminate(session, pid, backendStart, TERMINATE_WAIT);
      if (result == TerminateResult.ALREADY_GONE) {
        throw new PgsealException(
                ProblemType.NOT_FOUND,
                "No session has pid %d and began at %s".formatted(pid, backendStart))
            .hint("It ended by itself, or the pid belongs to another session now");
      }
      audit.after(Map.of("sessions", List.of("pid %d: %s".formatted(pid, result))));
      return new Termination(pid, backendStart, null, null, result, null);
    }
  }

  @POST
  @Path("connections:terminate")
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "terminateConnections",
      summary = "End all sessions that fit a filter, with care",
      description =
          "Idle sessions at once; sessions in a transaction when it ends or when the grace is over; walsenders last, and only with walsenders=true. pgseal's own sessions are never among them.")
  public TerminationReport terminateMany(
      @PathParam("server") String name, @Valid @NotNull TerminateRequest request) {
    ManagedServer server = servers.require(name);
    try (PostgresSession session = access.fresh(server)) {
      // a rollout works and takes back through its session
      Predicate<ServerConnection> others =
          c -> !(c.ofPgseal() && server.username().equals(c.username()));
      List<Drain.Ended> ended =
          drain.end(session, request.predicate().and(others), request.graceOrDefault());
      audit.after(Map.of("sessions", ended.stream().map(ConnectionsResource::inShort).toList()));
      return TerminationReport.of(ended);
    }
  }

  private static String inShort(Drain.Ended session) {
    return "pid %d of %s (%s): %s"
        .formatted(session.pid(), session.username(), session.applicationName(), session.result());
  }

  /**
   * What became of one session.
   *
   * @param insideTransaction it was in a transaction when it was ended; null when not looked at
   */
  public record Termination(
      int pid,
      Instant backendStart,
      @Nullable String username,
      @Nullable String applicationName,
      TerminateResult result,
      @Nullable Boolean insideTransaction) {}

  /** A result for each session. */
  public record TerminationReport(int terminated, List<Termination> results) {
    static TerminationReport of(List<Drain.Ended> ended) {
      List<Termination> results =
          ended.stream()
              .map(
                  e ->
                      new Termination(
                          e.pid(),
                          e.backendStart(),
                          e.username(),
                          e.applicationName(),
                          e.result(),
                          e.insideTransaction()))
              .toList();
      long terminated =
          results.stream().filter(r -> r.result() == TerminateResult.TERMINATED).count();
      return new TerminationReport((int) terminated, results);
    }
  }

  /** Which sessions to end; at least one criterion. */
  public record TerminateRequest(
      @Nullable Encryption encryption,
      @Nullable String username,
      @Nullable String applicationName,
      @Nullable String clientAddress,
      @Nullable String database,
      @Nullable Boolean walsenders,
      @Nullable
          @DurationMin(message = "must not be negative")
          @DurationMax(minutes = 10, message = "must be at most PT10M: a rollout can wait longer")
          Duration grace) {

    private static final Duration DEFAULT_GRACE = Duration.ofSeconds(10);

    Duration graceOrDefault() {
      return grace == null ? DEFAULT_GRACE : grace;
    }

    Predicate<ServerConnection> predicate() {
      if (encryption == null
          && username == null
          && applicationName == null
          && clientAddress == null
          && database == null) {
        throw new PgsealException(
                ProblemType.VALIDATION_FAILED, "Without a filter this would end every session")
            .hint(
                "Give at least one of encryption, username, applicationName, clientAddress, database");
      }
      boolean withWalsenders = Boolean.TRUE.equals(walsenders);
      return new ConnectionFilter(encryption, username, applicationName, clientAddress, database)
          .predicate()
          .and(c -> withWalsenders || !c.walsender());
    }
  }
}
