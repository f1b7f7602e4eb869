package dev.pgseal.rollout;

import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepState;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The steps of a rollout, in the order that never locks out (ARCHITECTURE.md, order of steps).
 *
 * <p>Up: every server serves TLS before any standby is told to use it, and every standby uses it
 * before any server refuses plaintext. Down: every server admits plaintext before any standby goes
 * back to it, and that before any server stops serving TLS. In a cascade the last standby asks for
 * TLS first; plaintext is refused by the last standby first, too, and by the primary at the end.
 */
public record RolloutPlan(List<JobStep> steps) {

  public RolloutPlan {
    steps = List.copyOf(steps);
  }

  public static RolloutPlan of(RolloutRequest request, Topology topology) {
    Builder plan = new Builder(topology);
    switch (request.target()) {
      case ENFORCED -> {
        offer(plan, request);
        plan.forStandbysLeafFirst(
            StepKind.SECURE_REPLICATION, "Move the replication stream from %2$s to %1$s onto TLS");
        plan.forAll(StepKind.OBSERVE_SESSIONS, "See who still comes to %s in plaintext");
        plan.forAllLeafFirst(
            StepKind.CONVERT_RULES, "Make the rules of %s admit TLS only" + spared(request));
        plan.forAllLeafFirst(StepKind.DRAIN, "End the plaintext sessions of %s");
        plan.forAll(
            StepKind.PROVE_ENFORCED, "Prove that %s refuses plaintext and no straggler is left");
      }
      case OFFERED -> {
        offer(plan, request);
        plan.forAll(StepKind.RELAX_RULES, "Let the rules of %s admit plaintext again");
        plan.forAll(StepKind.PROVE_OFFERED, "Prove that %s serves TLS and admits plaintext");
      }
      case DISABLED -> {
        check(plan, request);
        plan.forAll(StepKind.RELAX_RULES, "Let the rules of %s admit plaintext again");
        plan.forStandbys(
            StepKind.RELEASE_REPLICATION, "Let %1$s stream from %2$s without TLS again");
        plan.forAll(StepKind.DISABLE_SSL, "Turn ssl off on %s");
        plan.forAll(StepKind.PROVE_DISABLED, "Prove that %s serves no TLS and admits plaintext");
      }
    }
    return new RolloutPlan(plan.steps);
  }

  private static String spared(RolloutRequest request) {
    ConversionOptions options = request.conversionOptions();
    return (options.loopback() == ConversionOptions.Loopback.KEEP ? ", loopback excepted" : "")
        + (options.gss() == ConversionOptions.Gss.KEEP ? ", GSSAPI kept" : "")
        + (options.strategy() == ConversionOptions.Strategy.GUARD ? ", by a guard" : "");
  }

  private static void check(Builder plan, RolloutRequest request) {
    plan.forAll(StepKind.PREFLIGHT, "Check %s before anything is changed");
    if (request.needsApproval()) {
      plan.once(StepKind.APPROVAL, "Wait until somebody else approves it");
    }
    MaintenanceWindow window = request.maintenanceWindow();
    if (window != null) {
      plan.once(StepKind.WINDOW, "Wait for the maintenance window, " + window);
      // the first look may be days ago
      plan.forAll(StepKind.PREFLIGHT, "Check %s again, in the maintenance window");
    }
  }

  private static void offer(Builder plan, RolloutRequest request) {
    check(plan, request);
    if (request.certificateSource() != RolloutRequest.CertificateSource.PRESENT) {
      plan.forAll(StepKind.INSTALL_CERTIFICATE, "Issue and install the certificate of %s");
    }
    plan.forAll(StepKind.ENABLE_SSL, "Turn ssl on on %s and see the certificate served");
  }

  private static final class Builder {
    private final Topology topology;
    private final List<JobStep> steps = new ArrayList<>();

    Builder(Topology topology) {
      this.topology = topology;
    }

    void forAll(StepKind kind, String description) {
      topology.members().forEach(member -> add(member.server().name(), kind, description, null));
    }

    void forStandbys(StepKind kind, String description) {
      topology.members().forEach(member -> addStandby(member, kind, description));
    }

    /** A primary after its standbys: what goes wrong goes wrong where fewer depend on it. */
    void forAllLeafFirst(StepKind kind, String description) {
      leafFirst().forEach(member -> add(member.server().name(), kind, description, null));
    }

    void forStandbysLeafFirst(StepKind kind, String description) {
      leafFirst().forEach(member -> addStandby(member, kind, description));
    }

    private Stream<Topology.Member> leafFirst() {
      return topology.members().stream()
          .sorted(Comparator.comparingInt(Topology.Member::depth).reversed());
    }

    private void addStandby(Topology.Member member, StepKind kind, String description) {
      if (member.primary() != null) {
        add(member.server().name(), kind, description, member.primary().name());
      }
    }

    void once(StepKind kind, String description) {
      add(null, kind, description, null);
    }

    private void add(
        @Nullable String server, StepKind kind, String description, @Nullable String primary) {
      steps.add(
          new JobStep(
              steps.size(),
              server,
              kind.name(),
              description.formatted(server, primary),
              StepState.PENDING,
              Map.of(),
              null,
              null,
              null));
    }
  }
}
