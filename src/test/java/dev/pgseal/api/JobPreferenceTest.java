package dev.pgseal.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class JobPreferenceTest {

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "wait=30 | 30",
        "Wait = 5 | 5",
        "wait=\"7\" | 7",
        "respond-async, wait=10 | 10",
        "wait=10, respond-async | 10",
        "return=minimal; foo=\"some parameter\", wait=3;x=y | 3",
        "wait=900 | 60"
      })
  void theSecondsToWaitAreRead(String header, int seconds) {
    assertThat(JobPreference.parse(List.of(header))).contains(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "wait", "wait=", "wait=-1", "wait=1.5", "await=3", "wait=99999999999"})
  void whatIsNoSuchPreferenceIsIgnored(String header) {
    assertThat(JobPreference.parse(List.of(header))).isEmpty();
  }

  @Test
  void thereMayBeSeveralHeadersOrNone() {
    assertThat(JobPreference.parse(List.of("respond-async", "wait=4")))
        .contains(Duration.ofSeconds(4));
    assertThat(JobPreference.parse(null)).isEmpty();
  }
}
