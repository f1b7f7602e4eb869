package dev.pgseal.security;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StartChecksTest {

  @ParameterizedTest
  @ValueSource(strings = {"127.0.0.1", "127.1.2.3", "::1", "localhost"})
  void plainHttpOnLoopbackIsFine(String host) {
    assertThatCode(() -> StartChecks.requireEncryptedTraffic(host, "enabled", false))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"0.0.0.0", "::", "192.0.2.7", "name.that.does.not.resolve.invalid"})
  void plainHttpElsewhereIsRefusedUnlessAccepted(String host) {
    assertThatThrownBy(() -> StartChecks.requireEncryptedTraffic(host, "enabled", false))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining(host)
        .hasMessageContaining("pgseal.accept-plain-http=true");
    assertThatCode(() -> StartChecks.requireEncryptedTraffic(host, "enabled", true))
        .doesNotThrowAnyException();
  }

  @ParameterizedTest
  @ValueSource(strings = {"disabled", "redirect"})
  void withoutThePlainPortEveryAddressIsFine(String insecureRequests) {
    assertThatCode(() -> StartChecks.requireEncryptedTraffic("0.0.0.0", insecureRequests, false))
        .doesNotThrowAnyException();
  }

  @Test
  void aShortBootstrapTokenIsRefusedWithoutShowingIt() {
    assertThatThrownBy(() -> StartChecks.requireLongToken("hunter2"))
        .hasMessageContaining("pgseal.bootstrap-token")
        .hasMessageNotContaining("hunter2");
  }
}
