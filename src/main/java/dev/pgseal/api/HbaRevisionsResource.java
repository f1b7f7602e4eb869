package dev.pgseal.api;

import dev.pgseal.hba.HbaText;
import dev.pgseal.security.Role;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.HbaRevision;
import dev.pgseal.tls.HbaRevisions;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.jspecify.annotations.Nullable;

/** The versions of a server's pg_hba.conf. */
@Path("/v1/servers/{server}/hba/revisions")
@Tag(name = "hba")
@Produces(MediaType.APPLICATION_JSON)
public class HbaRevisionsResource {

  private final VisibleServers servers;
  private final HbaRevisions revisions;
  private final Caller caller;

  public HbaRevisionsResource(VisibleServers servers, HbaRevisions revisions, Caller caller) {
    this.servers = servers;
    this.revisions = revisions;
    this.caller = caller;
  }

  /**
   * A version.
   *
   * @param revision its number, from 1 without gaps
   * @param etag of its files, as in the ETag of the rules at that time
   * @param files those that differ from the version before
   * @param restored the number of the version that came back with it; absent when none did
   * @param diff against the version before, unified, secrets masked; not in lists
   */
  @Schema(name = "HbaRevision")
  public record RevisionView(
      int revision,
      Origin origin,
      HbaRevision.Kind kind,
      @Schema(description = "The caller; pgseal for what it found", examples = "bootstrap")
          String author,
      Instant createdAt,
      @Schema(examples = "inserted a rule") String summary,
      String etag,
      List<String> files,
      @Nullable Integer restored,
      @Nullable String diff) {

    static RevisionView of(HbaRevision revision, @Nullable String diff) {
      return new RevisionView(
          revision.number(),
          revision.kind() == HbaRevision.Kind.FOUND ? Origin.FOUND : Origin.PGSEAL,
          revision.kind(),
          revision.author(),
          revision.createdAt(),
          revision.summary(),
          revision.sha256(),
          revision.files().stream().map(HbaText::toReadable).toList(),
          revision.restores(),
          diff);
    }
  }

  /** Who made it. */
  @Schema(name = "HbaRevisionOrigin")
  public enum Origin {
    /** A call of pgseal. */
    PGSEAL,
    /** Somebody else; pgseal noticed it later. */
    FOUND
  }

  /** A page of versions. */
  @Schema(name = "HbaRevisionPage")
  public record RevisionPage(List<RevisionView> revisions, @Nullable String nextPageToken) {}

  /** Whether only to show it. */
  @Schema(name = "HbaRestoreRequest")
  public record RestoreRequest(
      @Nullable @Schema(description = "show the change, do nothing") Boolean validateOnly) {}

  /**
   * What a restore does or did.
   *
   * @param applied whether it was done
   * @param diff unified, secrets masked; empty when there is nothing to change
   * @param remarks what a person should know
   * @param revision the version that it became; absent when it was only shown
   */
  @Schema(name = "HbaRestore")
  public record RestoreView(
      boolean applied, String diff, List<String> remarks, @Nullable RevisionView revision) {}

  @GET
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "listHbaRevisions",
      summary = "The versions of pg_hba.conf, newest first",
      description =
          "Every change by pgseal is one, and what somebody changed outside pgseal becomes one"
              + " (FOUND) when it is noticed: when the rules are read, and before pgseal changes"
              + " them.")
  public RevisionPage list(@PathParam("server") String name, @BeanParam PageQuery query) {
    List<HbaRevision> found =
        revisions.list(servers.require(name), query.after(Integer::valueOf), query.size() + 1);
    return query.page(
        found,
        revision -> Integer.toString(revision.number()),
        (page, next) ->
            new RevisionPage(
                page.stream().map(revision -> RevisionView.of(revision, null)).toList(), next));
  }

  @GET
  @Path("{revision}")
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "getHbaRevision",
      summary = "One version of pg_hba.conf with its diff",
      description =
          "Against the version before it; of the first version all lines. ldapbindpasswd and"
              + " radiussecrets are masked.")
  public RevisionView get(@PathParam("server") String name, @PathParam("revision") int number) {
    HbaRevision revision = revisions.require(servers.require(name), number);
    return RevisionView.of(revision, revisions.diff(revision));
  }

  @POST
  @Path("{revision}:restore")
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "restoreHbaRevision",
      summary = "Bring a version of pg_hba.conf back",
      description =
          "All its files, lists of names apart; checked and proved like any change of rules, and a"
              + " version of its own. validateOnly shows the diff against the present files;"
              + " without it If-Match is needed.")
  public RestoreView restore(
      @PathParam("server") String name,
      @PathParam("revision") int number,
      @HeaderParam("If-Match") @Nullable String ifMatch,
      @Valid @Nullable RestoreRequest request) {
    ManagedServer server = servers.require(name);
    boolean show = request != null && Boolean.TRUE.equals(request.validateOnly());
    HbaRevisions.Restored restored =
        show
            ? revisions.planRestore(server, number)
            : revisions.restore(server, number, EntityTags.required(ifMatch), caller.name());
    HbaRevision revision = restored.revision();
    return new RestoreView(
        !show,
        restored.diff(),
        restored.remarks(),
        revision == null ? null : RevisionView.of(revision, null));
  }
}
