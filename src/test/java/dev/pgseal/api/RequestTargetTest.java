package dev.pgseal.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestTargetTest {

  @ParameterizedTest
  @ValueSource(
      strings = {"/v1/servers", "/v1/hba:convert?a=%C3%A9&b=1+2", "/%F0%9F%98%80", "/a%25b", "*"})
  void aUriInUtf8IsTaken(String target) {
    assertThat(RequestTarget.isSound(target)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/%00", "/a%", "/%zz", "/%ff", "/%c0%ae", "/%ed%a0%80", "/a b", "/{x}"})
  void whatIsNoneOrHasZeroInItIsRefused(String target) {
    assertThat(RequestTarget.isSound(target)).isFalse();
  }
}
