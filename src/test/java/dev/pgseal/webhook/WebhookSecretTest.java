package dev.pgseal.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookSecretTest {

  /** The example of Standard Webhooks, which its reference libraries test with too. */
  @Test
  void theSignatureIsThatOfTheStandard() {
    WebhookSecret secret = WebhookSecret.parse("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");

    String signature =
        secret.sign(
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            Instant.ofEpochSecond(1614265330),
            "{\"test\": 2432232314}");

    assertThat(signature).isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
  }

  @Test
  void aSecretIsReadBackFromItsTextAndNotShownOtherwise() {
    WebhookSecret secret = WebhookSecret.generate();

    assertThat(WebhookSecret.parse(secret.text()).bytes()).isEqualTo(secret.bytes());
    assertThat(secret.toString()).doesNotContain(secret.text().substring(6));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "hunter2", "whsec_", "whsec_!!!", "whsec_c2hvcnQ="})
  void whatIsNoSecretIsRefusedAndNotRepeated(String text) {
    assertThatThrownBy(() -> WebhookSecret.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a secret is whsec_ and 24 to 64 octets in base64");
  }
}
