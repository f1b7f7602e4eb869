package dev.pgseal.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Query parameters and headers that every resource reads the same way. */
class RequestPartsTest {

  @ParameterizedTest
  @CsvSource({"30s, 30", "0s, 0", "60s, 60", "PT1M, 60", "PT0.5S, 0"})
  void aTimeToWaitIsSecondsOrIso(String text, long seconds) {
    assertThat(WaitTime.parse(text).toSeconds()).isEqualTo(seconds);
    assertThat(WaitTime.parse(null)).isEqualTo(Duration.ZERO);
  }

  @ParameterizedTest
  @ValueSource(strings = {"61s", "PT2M", "-1s", "-PT1S", "30", "soon", "", "99999s"})
  void anotherTimeToWaitIsRefused(String text) {
    assertThatThrownBy(() -> WaitTime.parse(text)).isInstanceOf(PgsealException.class);
  }

  @Test
  void labelSelectorsMustAllFit() {
    assertThat(LabelSelector.parse(List.of("env=prod", "note=a=b", "empty=")))
        .isEqualTo(Map.of("env", "prod", "note", "a=b", "empty", ""));
    assertThat(LabelSelector.parse(List.of("env=prod", "env=prod")))
        .isEqualTo(Map.of("env", "prod"));
    assertThatThrownBy(() -> LabelSelector.parse(List.of("env=prod", "env=test")))
        .isInstanceOf(PgsealException.class);
    assertThatThrownBy(() -> LabelSelector.parse(List.of("=x")))
        .isInstanceOf(PgsealException.class);
  }

  @ParameterizedTest
  @NullSource
  @ValueSource(strings = {"*", "\"7\"", " \"7\" ", "\"6\", \"7\""})
  void anEntityTagThatMatchesLetsTheChangeThrough(String ifMatch) {
    assertThatCode(() -> EntityTags.check(ifMatch, 7)).doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"\"6\"", "7", "W/\"7\"", "\"77\""})
  void anEntityTagThatDoesNotMatchStopsIt(String ifMatch) {
    assertThatThrownBy(() -> EntityTags.check(ifMatch, 7))
        .asInstanceOf(InstanceOfAssertFactories.type(PgsealException.class))
        .extracting(PgsealException::type)
        .isEqualTo(ProblemType.PRECONDITION_FAILED);
  }
}
