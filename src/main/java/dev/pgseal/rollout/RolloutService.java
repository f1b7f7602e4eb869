package dev.pgseal.rollout;

import dev.pgseal.issuing.Authorities;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobEngine;
import dev.pgseal.job.Requester;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.ServerConnections;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerStore;
import dev.pgseal.server.TlsMode;
import dev.pgseal.tls.Preflight;
import dev.pgseal.tls.RefusedSessions;
import dev.pgseal.tls.RulesConversion;
import dev.pgseal.tls.ServerAccess;
import dev.pgseal.tls.StragglerScan;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** Plans rollouts, shows the plan, and hands it to the job engine. */
@ApplicationScoped
public class RolloutService {

  private final ServerAccess access;
  private final ServerStore servers;
  private final StandbyDiscovery standbys;
  private final ServerConnections connections;
  private final Preflight preflight;
  private final RulesConversion conversion;
  private final RefusedSessions refused;
  private final Authorities authorities;
  private final ApprovalPolicy approvals;
  private final JobEngine jobs;
  private final RolloutDrafts drafts;

  public RolloutService(
      ServerAccess access,
      ServerStore servers,
      StandbyDiscovery standbys,
      ServerConnections connections,
      Preflight preflight,
      RulesConversion conversion,
      RefusedSessions refused,
      Authorities authorities,
      ApprovalPolicy approvals,
      JobEngine jobs,
      RolloutDrafts drafts) {
    this.access = access;
    this.servers = servers;
    this.standbys = standbys;
    this.connections = connections;
    this.preflight = preflight;
    this.conversion = conversion;
    this.refused = refused;
    this.authorities = authorities;
    this.approvals = approvals;
    this.jobs = jobs;
    this.drafts = drafts;
  }

  /**
   * The steps, without doing any; and for each server what it would mean now.
   *
   * @throws PgsealException what the run would fail with at its first look at the servers
   */
  public RolloutPreview preview(RolloutRequest asked) {
    Topology topology = topology(asked);
    RolloutRequest request = approved(asked, topology);
    List<RolloutPreview.ServerOutlook> outlooks = new ArrayList<>();
    for (Topology.Member member : topology.members()) {
      outlooks.add(outlook(request, member));
    }
    List<Topology> clusters = topology.clusters(asked.servers());
    if (clusters.size() == 1) {
      return new RolloutPreview(RolloutPlan.of(request, topology).steps(), List.of(), outlooks);
    }
    FleetPlan plan = FleetPlan.of(request, clusters);
    return new RolloutPreview(plan.steps(), rollouts(request, plan), outlooks);
  }

  private static List<RolloutPreview.ClusterRollout> rollouts(
      RolloutRequest request, FleetPlan plan) {
    List<RolloutPreview.ClusterRollout> rollouts = new ArrayList<>();
    for (int i = 0; i < plan.clusters().size(); i++) {
      StoredFleet.Cluster cluster = plan.clusters().get(i);
      RolloutRequest own = request.ofCluster(cluster.servers());
      rollouts.add(
          new RolloutPreview.ClusterRollout(
              cluster.wave() + 1,
              cluster.servers(),
              RolloutPlan.of(own, plan.rollouts().get(i)).steps()));
    }
    return rollouts;
  }

  /**
   * A job for one cluster; for several a job that runs one for each.
   *
   * @throws PgsealException {@code VALIDATION_FAILED}, {@code NOT_FOUND}, {@code
   *     SERVER_UNREACHABLE}, {@code OPERATION_IN_PROGRESS}, {@code LOCKOUT_RISK} for a standby that
   *     was forgotten
   */
  public Job start(RolloutRequest asked, Requester requestedBy) {
    return start(asked, requestedBy, null);
  }

  /**
   * As {@link #start(RolloutRequest, Requester)}.
   *
   * @param retryOf the job that this one repeats; null when it repeats none
   */
  Job start(RolloutRequest asked, Requester requestedBy, @Nullable UUID retryOf) {
    Topology topology = topology(asked);
    StandbyDiscovery.requireKnown(asked, topology);
    RolloutRequest request = approved(asked, topology);
    List<Topology> clusters = topology.clusters(asked.servers());
    if (clusters.size() > 1) {
      RolloutDrafts.Fleet fleet = drafts.fleet(request, clusters, retryOf);
      return jobs.submit(fleet.job(), fleet.children(), requestedBy);
    }
    Job job = jobs.submit(drafts.rollout(request, topology, retryOf), requestedBy);
    if (!request.needsApproval() && request.maintenanceWindow() == null) {
      servers(topology).forEach(server -> servers.setDesiredMode(server.id(), request.target()));
    }
    return job;
  }

  private static List<ManagedServer> servers(Topology topology) {
    return topology.members().stream().map(Topology.Member::server).toList();
  }

  private RolloutRequest approved(RolloutRequest request, Topology topology) {
    return topology.members().stream()
            .anyMatch(member -> approvals.demands(member.server().labels()))
        ? request.withApproval()
        : request;
  }

  private Topology topology(RolloutRequest request) {
    requireSense(request);
    return standbys.of(request.servers(), request.fleetPolicy().allowsUnreachable());
  }

  private void requireSense(RolloutRequest request) {
    if (request.servers().isEmpty()) {
      throw new PgsealException(ProblemType.VALIDATION_FAILED, "A rollout needs a server")
          .hint("Name at least one in servers");
    }
    if (new HashSet<>(request.servers()).size() != request.servers().size()) {
      throw new PgsealException(ProblemType.VALIDATION_FAILED, "A server is named twice")
          .hint("Name each server once");
    }
    if (request.rules() != null && request.target() != TlsMode.ENFORCED) {
      throw new PgsealException(
              ProblemType.VALIDATION_FAILED,
              "rules says how rules become TLS only, and the target is " + request.target())
          .with("field", "rules")
          .hint("Leave rules out: the way back restores the lines that were changed");
    }
    if (request.target() == TlsMode.DISABLED) {
      return;
    }
    if (request.certificateSource() == RolloutRequest.CertificateSource.AUTHORITY) {
      if (request.authority() == null) {
        throw new PgsealException(
                ProblemType.VALIDATION_FAILED,
                "certificate is AUTHORITY, but no authority is named")
            .hint("Name one in authority; POST /v1/authorities makes one");
      }
      authorities.require(request.authority());
    }
  }

  private RolloutPreview.ServerOutlook outlook(RolloutRequest request, Topology.Member member) {
    try (PostgresSession session = access.fresh(member.server())) {
      preflight.forSsl(session);
      RulesConversion.Plan plan =
          request.target() == TlsMode.ENFORCED
              ? conversion.planEnforce(session, request.conversionOptions())
              : null;
      Predicate<ServerConnection> ended =
          plan == null
              ? StragglerScan.PLAINTEXT
              : refused.of(session, plan.rules(), plan.exemptions());
      List<ServerConnection> plaintext =
          connections.list(session).stream().filter(ended).filter(c -> !c.ofPgseal()).toList();
      return new RolloutPreview.ServerOutlook(
          member.server().name(),
          member.standby(),
          member.primary() == null ? null : member.primary().name(),
          plaintext,
          plan == null ? null : RolloutPreview.Rules.of(plan),
          member.strangers().stream().map(RolloutPreview.StandbyOutlook::of).toList(),
          StandbyDiscovery.remarks(request, member));
    } catch (PgsealException e) {
      if (request.fleetPolicy().allowsUnreachable()) {
        return RolloutPreview.ServerOutlook.unknown(member.server(), e);
      }
      throw e.with("server", member.server().name());
    }
  }
}
