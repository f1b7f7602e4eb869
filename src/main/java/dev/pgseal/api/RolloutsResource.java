package dev.pgseal.api;

import dev.pgseal.certificate.KeyType;
import dev.pgseal.job.Job;
import dev.pgseal.rollout.FleetPolicy;
import dev.pgseal.rollout.RolloutPreview;
import dev.pgseal.rollout.RolloutRequest;
import dev.pgseal.rollout.RolloutService;
import dev.pgseal.rollout.Wave;
import dev.pgseal.security.Role;
import dev.pgseal.server.TlsMode;
import dev.pgseal.tls.ConfirmOrRevert;
import jakarta.annotation.security.RolesAllowed;
import jakarta.validation.Valid;
import jakarta.validation.constraints.Max;
import jakarta.validation.constraints.Min;
import jakarta.validation.constraints.NotEmpty;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import jakarta.validation.constraints.Size;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;

/** Takes servers to a mode, step by proved step. */
@Path("/v1")
@Tag(name = "Rollouts")
@Produces(MediaType.APPLICATION_JSON)
public class RolloutsResource {

  private final VisibleServers servers;
  private final RolloutService rollouts;
  private final Caller caller;

  public RolloutsResource(VisibleServers servers, RolloutService rollouts, Caller caller) {
    this.servers = servers;
    this.rollouts = rollouts;
    this.caller = caller;
  }

  /** What shall become of which servers. */
  public record RolloutBody(
      @NotNull TlsMode target,
      @NotEmpty
          @Schema(
              description = "names; a primary and its standbys go into one rollout",
              examples = "[\"orders-db\", \"orders-db-standby\"]")
          List<@NotNull String> servers,
      @Schema(description = "AUTHORITY when an authority is named, else PRESENT")
          RolloutRequest.@Nullable CertificateSource certificate,
      @Nullable @Schema(description = "the authority that issues", examples = "corp")
          String authority,
      @Nullable @Schema(description = "of a new key, ECDSA_P256 when absent") KeyType keyType,
      @Nullable
          @Schema(
              description = "of a new certificate, ISO-8601, 365 days when absent",
              examples = "P90D")
          Duration validity,
      @Nullable
          @Pattern(regexp = "TLSv1\\.[23]", message = "must be TLSv1.2 or TLSv1.3")
          @Schema(description = "for ssl_min_protocol_version", examples = "TLSv1.3")
          String minProtocolVersion,
      @Nullable
          @DurationMin(message = "must not be negative")
          @DurationMax(days = 1, message = "must be at most P1D")
          @Schema(
              description =
                  "how long a transaction may go on before its plaintext session is ended,"
                      + " ISO-8601, 30 s when absent",
              examples = "PT30S")
          Duration grace,
      @Nullable
          @Schema(
              description =
                  "wait, before anything is changed, until somebody else says :approve. For servers"
                      + " with certain labels that is so in any case"
                      + " (pgseal.approval.server-labels)")
          Boolean requireApproval,
      @Nullable @Valid ConfirmOrRevert confirmOrRevert,
      @Valid
          @Schema(
              description =
                  "for ENFORCED: find out who comes in plaintext by choice, before it is refused")
          RolloutChoices.@Nullable Observe observe,
      @Valid
          @Schema(
              description =
                  "plaintext sessions that are left until they end by themselves; whoever comes"
                      + " again in plaintext is refused")
          RolloutChoices.@Nullable Exclude exclude,
      @Nullable @Schema(description = "for the target ENFORCED: how the rules become TLS only")
          ConversionChoice rules,
      @Nullable @Schema(description = "show the plan, do nothing") Boolean validateOnly,
      @Nullable
          @Schema(
              description =
                  "end the plaintext streams of standbys that are not named in servers; without it a rollout to ENFORCED that meets one is refused (/problems/lockout-risk)")
          Boolean allowUnregisteredStandbys,
      @Nullable
          @DurationMin(seconds = 1, message = "must be at least PT1S")
          @DurationMax(days = 1, message = "must be at most P1D")
          @Schema(
              description =
                  "how long a step may work before it fails (/problems/step-deadline) and everything"
                      + " is taken back, ISO-8601, 10 minutes when absent. Waiting that was asked for"
                      + " does not count",
              examples = "PT10M")
          Duration stepDeadline,
      @Valid
          @Schema(
              description =
                  "when the changes may begin; outside it the rollout waits for it to open, after the"
                      + " checks. What has begun goes on after its end")
          RolloutChoices.@Nullable Window maintenanceWindow,
      @Nullable
          @Size(max = 50)
          @Schema(
              description =
                  "several clusters: how far each wave reaches, counted from the first server on."
                      + " What the last leaves comes in one more; all at once when absent. A primary"
                      + " and its standbys are never divided",
              examples = "[{\"count\": 1}, {\"percent\": 25}, {\"percent\": 100}]")
          List<@NotNull Wave> waves,
      @Nullable
          @Min(1)
          @Max(64)
          @Schema(
              description = "several clusters: how many are changed at a time, 4 when absent",
              examples = "4")
          Integer maxParallel,
      @Nullable
          @Min(0)
          @Schema(
              description =
                  "several clusters: how many may fail, each being undone, the others going on; 0"
                      + " when absent",
              examples = "1")
          Integer maxFailures,
      @Nullable
          @Schema(
              description =
                  "several clusters: accept servers that cannot be looked at now, and let them fail"
                      + " at their turn. A standby that cannot be looked at is not known as one")
          Boolean allowUnreachable) {

    private @Nullable FleetPolicy fleet() {
      FleetPolicy policy =
          new FleetPolicy(waves, maxParallel, maxFailures, allowUnreachable).checked();
      return policy.equals(FleetPolicy.DEFAULT) ? null : policy;
    }

    private RolloutRequest toRequest() {
      return new RolloutRequest(
          target,
          servers,
          certificate,
          authority,
          keyType,
          validity,
          minProtocolVersion,
          grace,
          requireApproval,
          confirmOrRevert,
          observe == null ? null : observe.toObservation(),
          exclude == null ? null : exclude.toExclusions(),
          rules == null ? null : rules.toOptions(),
          allowUnregisteredStandbys,
          stepDeadline,
          maintenanceWindow == null ? null : maintenanceWindow.toWindow(),
          fleet());
    }
  }

  /**
   * What a rollout would do.
   *
   * @param steps in order, all {@code PENDING}
   */
  public record RolloutPlan(
      List<JobView.StepView> steps,
      @Schema(description = "Of several clusters: each is a job of its own; else empty")
          List<ClusterPlan> rollouts,
      List<RolloutPreview.ServerOutlook> servers) {

    private static RolloutPlan of(RolloutPreview preview) {
      return new RolloutPlan(
          preview.steps().stream().map(JobView.StepView::of).toList(),
          preview.rollouts().stream().map(ClusterPlan::of).toList(),
          preview.servers());
    }
  }

  /** The rollout of one cluster among several. */
  @Schema(name = "RolloutClusterPlan")
  public record ClusterPlan(
      @Schema(description = "From 1 on", examples = "1") int wave,
      @Schema(description = "The primary first", examples = "[\"orders-db\"]") List<String> servers,
      List<JobView.StepView> steps) {

    private static ClusterPlan of(RolloutPreview.ClusterRollout rollout) {
      return new ClusterPlan(
          rollout.wave(),
          rollout.servers(),
          rollout.steps().stream().map(JobView.StepView::of).toList());
    }
  }

  @POST
  @Path("rollouts")
  @RolesAllowed(Role.Name.OPERATOR)
  @Operation(
      operationId = "createRollout",
      summary = "Take servers to ENFORCED, OFFERED or DISABLED",
      description =
          "Answers 202 with the job that does it. Servers of several clusters are taken one cluster"
              + " after the other or side by side, in waves if asked: each is a job of its own, and"
              + " one that fails is undone by itself. With validateOnly nothing is done and the answer"
              + " is 200 with what rollouts:plan answers; generated clients, which want one type"
              + " per operation, call that.")
  @APIResponse(
      responseCode = "202",
      description = "Accepted: follow the job in Location",
      content = @Content(schema = @Schema(implementation = JobView.class)))
  @APIResponse(
      responseCode = "2XX",
      description = "200: the plan (validateOnly)",
      content = @Content(schema = @Schema(implementation = RolloutPlan.class)))
  @APIResponse(responseCode = "404", description = "A server or the authority is not there")
  @APIResponse(
      responseCode = "409",
      description = "Another operation is changing a server, or a standby was forgotten")
  public Response create(@Valid @NotNull RolloutBody body) {
    servers.requireAll(body.servers());
    if (Boolean.TRUE.equals(body.validateOnly())) {
      return Response.ok(RolloutPlan.of(rollouts.preview(body.toRequest()))).build();
    }
    Job job = rollouts.start(body.toRequest(), caller.actor());
    return Response.accepted(JobView.of(job)).location(URI.create("/v1/jobs/" + job.id())).build();
  }

  @POST
  @Path("rollouts:plan")
  @RolesAllowed(Role.Name.VIEWER)
  @Operation(
      operationId = "planRollout",
      summary = "Show what a rollout would do",
      description =
          "The steps, the rules before and after, who is in plaintext and who would be refused,"
              + " from the same code that does it. Nothing is changed.")
  @APIResponse(
      responseCode = "200",
      description = "The plan",
      content = @Content(schema = @Schema(implementation = RolloutPlan.class)))
  @APIResponse(responseCode = "404", description = "A server or the authority is not there")
  public RolloutPlan plan(@Valid @NotNull RolloutBody body) {
    servers.requireAll(body.servers());
    return RolloutPlan.of(rollouts.preview(body.toRequest()));
  }
}
