package dev.pgseal.api;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AcceptHeaderTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*/*",
        "application/json",
        "text/html, application/xhtml+xml;q=0.9 , */*;q=0.8",
        "application/problem+json ; q=1"
      })
  void aListOfMediaRangesIsTaken(String value) {
    assertThat(AcceptHeader.isSound(value)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", ";;,", "json", "text/", "a/b,,c/d", "a b/c"})
  void anythingElseIsNone(String value) {
    assertThat(AcceptHeader.isSound(value)).isFalse();
  }
}
