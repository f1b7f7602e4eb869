package dev.pgseal.rollout;

import static dev.pgseal.rollout.RolloutRequestBuilder.rollout;
import static dev.pgseal.rollout.TopologyTest.primary;
import static dev.pgseal.rollout.TopologyTest.standby;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.job.JobStep;
import dev.pgseal.job.StepState;
import dev.pgseal.server.TlsMode;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class FleetPlanTest {

  private static final List<String> ALONE = List.of("a", "b", "c", "d");

  /** a has two standbys: a wave of one server takes the three. */
  @Test
  void aWaveThatEndsWithinAClusterTakesAllOfIt() {
    FleetPlan plan = plan(cluster(), count(1), count(2), count(4));

    assertThat(waves(plan)).containsExactly("a+a-r1+a-r2", "b", "c");
    assertThat(gates(plan))
        .containsExactly(
            "Begin wave 1 of 3: 3 servers",
            "Begin wave 2 of 3: 1 server",
            "Begin wave 3 of 3: 1 server");
  }

  @Test
  void aStandbyIsWithItsPrimaryWhereverTheRequestNamesIt() {
    FleetPlan plan =
        plan(
            List.of(primary("a", "1"), primary("b", "2"), standby("b-r", "2")),
            List.of("b-r", "a", "b"),
            count(1));

    assertThat(waves(plan)).containsExactly("b+b-r", "a");
  }

  @Test
  void whatTheLastWaveLeavesComesInOneMore() {
    assertThat(waves(plan(alone(), count(1)))).containsExactly("a", "b c d");
    assertThat(waves(plan(alone(), percent(25), percent(50)))).containsExactly("a", "b", "c d");
  }

  @Test
  void aWaveThatTheOneBeforeHasReachedAlreadyIsNone() {
    FleetPlan plan = plan(alone(), count(2), percent(50), percent(100));

    assertThat(waves(plan)).containsExactly("a b", "c d");
    assertThat(gates(plan))
        .containsExactly("Begin wave 1 of 2: 2 servers", "Begin wave 2 of 2: 2 servers");
    assertThat(plan.clusters()).extracting(StoredFleet.Cluster::wave).containsExactly(0, 0, 1, 1);
  }

  @Test
  void wavesBeyondAllServersAreNone() {
    assertThat(waves(plan(alone(), count(3), count(10), count(20)))).containsExactly("a b c", "d");
  }

  @Test
  void thePauseIsSaidOfTheWaveBehindIt() {
    FleetPlan plan = plan(alone(), new Wave(1, null, true), percent(50), percent(100));

    assertThat(pauses(plan)).containsExactly(false, true, false);
  }

  @Test
  void thePauseAfterAWaveThatIsNoneIsThatOfTheOneBefore() {
    FleetPlan plan = plan(alone(), count(2), new Wave(null, 50, true), percent(100));

    assertThat(waves(plan)).containsExactly("a b", "c d");
    assertThat(pauses(plan)).containsExactly(false, true);
  }

  @Test
  void nothingPausesBehindTheLastWave() {
    FleetPlan plan = plan(alone(), count(1), new Wave(null, 100, true));

    assertThat(pauses(plan)).containsExactly(false, false);
  }

  @Test
  void oneWaveHasNoGateAndTheApprovalComesFirst() {
    RolloutRequest request = request(ALONE).fleet(FleetPolicy.DEFAULT).build().withApproval();

    FleetPlan plan = FleetPlan.of(request, Topology.of(alone()).clusters(ALONE));

    assertThat(plan.steps())
        .extracting(JobStep::kind)
        .containsExactly(
            JobStep.APPROVAL, JobStep.ROLLOUT, JobStep.ROLLOUT, JobStep.ROLLOUT, JobStep.ROLLOUT);
  }

  @Test
  void eachClusterKnowsItsStepAndTheStepItsServers() {
    FleetPlan plan = plan(cluster(), count(3), count(5));

    assertThat(plan.steps()).extracting(JobStep::position).containsExactly(0, 1, 2, 3, 4);
    assertThat(plan.steps()).allMatch(step -> step.state() == StepState.PENDING);
    assertThat(plan.clusters())
        .allSatisfy(
            cluster -> {
              JobStep step = plan.steps().get(cluster.position());
              assertThat(step.kind()).isEqualTo(JobStep.ROLLOUT);
              assertThat(step.server()).isEqualTo(cluster.servers().get(0));
              assertThat(step.observed())
                  .containsEntry("servers", cluster.servers())
                  .containsEntry("wave", cluster.wave() + 1);
            });
    assertThat(plan.steps().get(1).description()).isEqualTo("Take a and a-r1 and a-r2 to ENFORCED");
    assertThat(plan.rollouts()).hasSameSizeAs(plan.clusters());
  }

  /** One with two standbys, and two that stand alone. */
  private static List<Topology.Inspected> cluster() {
    return List.of(
        primary("a", "1"),
        standby("a-r1", "1"),
        standby("a-r2", "1"),
        primary("b", "2"),
        primary("c", "3"));
  }

  private static List<Topology.Inspected> alone() {
    return IntStream.range(0, ALONE.size()).mapToObj(i -> primary(ALONE.get(i), "" + i)).toList();
  }

  private static FleetPlan plan(List<Topology.Inspected> servers, Wave... waves) {
    return plan(servers, servers.stream().map(one -> one.server().name()).toList(), waves);
  }

  private static FleetPlan plan(
      List<Topology.Inspected> servers, List<String> names, Wave... waves) {
    FleetPolicy policy = new FleetPolicy(List.of(waves), null, null, null).checked();
    return FleetPlan.of(request(names).fleet(policy).build(), Topology.of(servers).clusters(names));
  }

  private static RolloutRequestBuilder request(List<String> names) {
    return rollout(TlsMode.ENFORCED, names);
  }

  private static Wave count(int servers) {
    return new Wave(servers, null, null);
  }

  private static Wave percent(int servers) {
    return new Wave(null, servers, null);
  }

  /** The clusters of each, such as {@code a+standby b}. */
  private static List<String> waves(FleetPlan plan) {
    int last = plan.clusters().stream().mapToInt(StoredFleet.Cluster::wave).max().orElseThrow();
    return IntStream.rangeClosed(0, last)
        .mapToObj(wave -> String.join(" ", clusters(plan, wave).toList()))
        .toList();
  }

  private static Stream<String> clusters(FleetPlan plan, int wave) {
    return plan.clusters().stream()
        .filter(cluster -> cluster.wave() == wave)
        .map(cluster -> String.join("+", cluster.servers()));
  }

  private static List<String> gates(FleetPlan plan) {
    return gateSteps(plan).map(JobStep::description).toList();
  }

  /** Of each wave: whether somebody has to say that it may begin. */
  private static List<Boolean> pauses(FleetPlan plan) {
    return gateSteps(plan)
        .map(step -> step.observed().containsKey(FleetPlan.PAUSES_BEFORE))
        .toList();
  }

  private static Stream<JobStep> gateSteps(FleetPlan plan) {
    return plan.steps().stream().filter(step -> step.kind().equals(JobStep.WAVE));
  }
}
