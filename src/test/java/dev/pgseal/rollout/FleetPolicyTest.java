package dev.pgseal.rollout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FleetPolicyTest {

  @Test
  void aCanaryThenAQuarterThenAllIsAsItShouldBe() {
    FleetPolicy policy = policy(count(1), percent(25), percent(100));

    assertThat(policy.checked()).isSameAs(policy);
  }

  @Test
  void whoSaysNothingOfWavesHasAllInOneAndFourAtATimeAndNoFailure() {
    FleetPolicy empty = policy().checked();

    assertThat(empty).isEqualTo(FleetPolicy.DEFAULT);
    assertThat(empty.allWaves()).singleElement().matches(wave -> wave.reach(7) == 7);
    assertThat(empty.parallel()).isEqualTo(4);
    assertThat(empty.failures()).isZero();
    assertThat(empty.allowsUnreachable()).isFalse();
  }

  @Test
  void aWaveThatSaysBothCountAndPercentOrNeitherIsRefused() {
    assertRefused("waves[0]", policy(new Wave(1, 25, null)));
    assertRefused("waves[1]", policy(count(1), new Wave(null, null, true)));
  }

  @ParameterizedTest
  @CsvSource({"0", "-1"})
  void aCountBelowOneIsRefused(int count) {
    assertRefused("waves[0].count", policy(count(count)));
  }

  @ParameterizedTest
  @CsvSource({"0", "101", "-5"})
  void aPercentageThatIsNoneIsRefused(int percent) {
    assertRefused("waves[1].percent", policy(count(1), percent(percent)));
  }

  @Test
  void theBoundsThemselvesAreTaken() {
    assertThatCode(() -> policy(percent(1), percent(100)).checked()).doesNotThrowAnyException();
  }

  @Test
  void aWaveThatReachesNoFurtherThanTheOneBeforeIsRefused() {
    assertRefused("waves[1]", policy(count(3), count(3)));
    assertRefused("waves[2]", policy(count(1), percent(50), percent(25)));
  }

  /** How far 25 % reaches is known only with the servers: a wave may turn out to be empty then. */
  @Test
  void aCountAndAPercentageAreNotComparedBeforeTheServersAreKnown() {
    assertThatCode(() -> policy(count(20), percent(1), count(30)).checked())
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @CsvSource({"25, 4, 1", "25, 5, 2", "1, 1, 1", "100, 3, 3", "34, 3, 2"})
  void aPercentageIsRoundedUp(int percent, int all, int reach) {
    assertThat(percent(percent).reach(all)).isEqualTo(reach);
  }

  @Test
  void aCountReachesNoFurtherThanThereAreServers() {
    assertThat(count(9).reach(4)).isEqualTo(4);
  }

  private static void assertRefused(String field, FleetPolicy policy) {
    assertThatThrownBy(policy::checked)
        .isInstanceOfSatisfying(
            PgsealException.class,
            e -> {
              assertThat(e.type()).isEqualTo(ProblemType.VALIDATION_FAILED);
              assertThat(e.members()).containsEntry("field", field).containsKey("hint");
            });
  }

  private static FleetPolicy policy(Wave... waves) {
    return new FleetPolicy(List.of(waves), null, null, null);
  }

  private static Wave count(int servers) {
    return new Wave(servers, null, null);
  }

  private static Wave percent(int servers) {
    return new Wave(null, servers, null);
  }
}
