package dev.pgseal.rollout;

import static dev.pgseal.rollout.RolloutRequestBuilder.rollout;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepState;
import dev.pgseal.server.TlsMode;
import java.time.LocalTime;
import java.util.List;
import org.junit.jupiter.api.Test;

class RolloutPlanTest {

  private static final Topology PAIR =
      Topology.of(
          List.of(TopologyTest.standby("reader", "1"), TopologyTest.primary("orders", "1")));

  @Test
  void upEveryServerServesTlsBeforeAStandbyIsToldToUseItAndThatBeforePlaintextIsRefused() {
    assertThat(steps(TlsMode.ENFORCED, RolloutRequest.CertificateSource.SELF_SIGNED))
        .containsExactly(
            "PREFLIGHT orders",
            "PREFLIGHT reader",
            "INSTALL_CERTIFICATE orders",
            "INSTALL_CERTIFICATE reader",
            "ENABLE_SSL orders",
            "ENABLE_SSL reader",
            "SECURE_REPLICATION reader",
            "OBSERVE_SESSIONS orders",
            "OBSERVE_SESSIONS reader",
            "CONVERT_RULES reader",
            "CONVERT_RULES orders",
            "DRAIN reader",
            "DRAIN orders",
            "PROVE_ENFORCED orders",
            "PROVE_ENFORCED reader");
  }

  @Test
  void downEveryServerAdmitsPlaintextBeforeAStandbyUsesItAndThatBeforeTlsEnds() {
    assertThat(steps(TlsMode.DISABLED, null))
        .containsExactly(
            "PREFLIGHT orders",
            "PREFLIGHT reader",
            "RELAX_RULES orders",
            "RELAX_RULES reader",
            "RELEASE_REPLICATION reader",
            "DISABLE_SSL orders",
            "DISABLE_SSL reader",
            "PROVE_DISABLED orders",
            "PROVE_DISABLED reader");
  }

  @Test
  void offeredServesTlsBeforeItRelaxesTheRules() {
    assertThat(steps(TlsMode.OFFERED, RolloutRequest.CertificateSource.SELF_SIGNED))
        .containsExactly(
            "PREFLIGHT orders",
            "PREFLIGHT reader",
            "INSTALL_CERTIFICATE orders",
            "INSTALL_CERTIFICATE reader",
            "ENABLE_SSL orders",
            "ENABLE_SSL reader",
            "RELAX_RULES orders",
            "RELAX_RULES reader",
            "PROVE_OFFERED orders",
            "PROVE_OFFERED reader");
  }

  @Test
  void aCertificateThatIsThereIsNotInstalledAgain() {
    assertThat(steps(TlsMode.ENFORCED, RolloutRequest.CertificateSource.PRESENT))
        .noneMatch(step -> step.startsWith("INSTALL_CERTIFICATE"));
    assertThat(steps(TlsMode.ENFORCED, null))
        .noneMatch(step -> step.startsWith("INSTALL_CERTIFICATE"));
  }

  @Test
  void aStandbyWithoutItsPrimaryKeepsItsStream() {
    Topology alone = Topology.of(List.of(TopologyTest.standby("reader", "1")));

    assertThat(RolloutPlan.of(request(TlsMode.ENFORCED, null), alone).steps())
        .extracting(JobStep::kind)
        .doesNotContain("SECURE_REPLICATION")
        .contains("CONVERT_RULES");
  }

  @Test
  void stepsArePendingNumberedAndNameTheirServers() {
    List<JobStep> steps = RolloutPlan.of(request(TlsMode.ENFORCED, null), PAIR).steps();

    assertThat(steps).extracting(JobStep::state).containsOnly(StepState.PENDING);
    for (int i = 0; i < steps.size(); i++) {
      assertThat(steps.get(i).position()).isEqualTo(i);
      assertThat(steps.get(i).description()).contains(steps.get(i).server()).doesNotContain("%");
    }
    assertThat(steps)
        .filteredOn(step -> step.kind().equals("SECURE_REPLICATION"))
        .extracting(JobStep::description)
        .containsExactly("Move the replication stream from orders to reader onto TLS");
  }

  @Test
  void aSecondPersonIsWaitedForAfterTheChecksAndBeforeAnyChange() {
    for (TlsMode target : TlsMode.values()) {
      List<String> kinds =
          RolloutPlan.of(request(target, null).withApproval(), PAIR).steps().stream()
              .map(JobStep::kind)
              .toList();

      assertThat(kinds.subList(0, 3)).containsExactly("PREFLIGHT", "PREFLIGHT", JobStep.APPROVAL);
      assertThat(kinds.subList(3, kinds.size())).doesNotContain("PREFLIGHT", JobStep.APPROVAL);
    }
  }

  @Test
  void theWindowIsWaitedForAfterChecksAndApprovalAndThenTheChecksAreMadeAgain() {
    MaintenanceWindow window =
        new MaintenanceWindow(LocalTime.of(22, 0), LocalTime.of(4, 0), null, null);
    for (TlsMode target : TlsMode.values()) {
      List<JobStep> steps =
          RolloutPlan.of(request(target, null, window).withApproval(), PAIR).steps();

      assertThat(steps.subList(0, 6))
          .extracting(JobStep::kind)
          .containsExactly(
              "PREFLIGHT", "PREFLIGHT", JobStep.APPROVAL, "WINDOW", "PREFLIGHT", "PREFLIGHT");
      assertThat(steps.get(3).description())
          .isEqualTo("Wait for the maintenance window, 22:00 to 04:00 UTC");
      assertThat(steps.subList(6, steps.size()))
          .extracting(JobStep::kind)
          .doesNotContain("PREFLIGHT", "WINDOW");
    }
  }

  @Test
  void inACascadeTheLastStandbyAsksForTlsFirstAndIsReleasedLast() {
    Topology cascade =
        Topology.of(
            List.of(
                TopologyTest.receiving("leaf", "1", "leaf", "relay"),
                TopologyTest.receiving("relay", "1", "relay", "orders", "leaf"),
                TopologyTest.sending("orders", "1", "relay")));

    assertThat(
            RolloutPlan.of(
                    request(TlsMode.ENFORCED, RolloutRequest.CertificateSource.SELF_SIGNED),
                    cascade)
                .steps())
        .filteredOn(step -> List.of("ENABLE_SSL", "SECURE_REPLICATION").contains(step.kind()))
        .extracting(JobStep::description)
        .containsExactly(
            "Turn ssl on on orders and see the certificate served",
            "Turn ssl on on relay and see the certificate served",
            "Turn ssl on on leaf and see the certificate served",
            "Move the replication stream from relay to leaf onto TLS",
            "Move the replication stream from orders to relay onto TLS");
    assertThat(RolloutPlan.of(request(TlsMode.DISABLED, null), cascade).steps())
        .filteredOn(step -> step.kind().equals("RELEASE_REPLICATION"))
        .extracting(JobStep::server)
        .containsExactly("relay", "leaf");
  }

  private static List<String> steps(TlsMode target, RolloutRequest.CertificateSource certificate) {
    return RolloutPlan.of(request(target, certificate), PAIR).steps().stream()
        .map(step -> step.kind() + " " + step.server())
        .toList();
  }

  private static RolloutRequest request(
      TlsMode target, RolloutRequest.CertificateSource certificate) {
    return request(target, certificate, null);
  }

  private static RolloutRequest request(
      TlsMode target, RolloutRequest.CertificateSource certificate, MaintenanceWindow window) {
    return rollout(target, "orders", "reader").certificate(certificate).window(window).build();
  }
}
