package dev.pgseal.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.egress.EgressRule;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.testing.Configs;
import java.net.UnknownHostException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookUrlsTest {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "hooks.example.org",
        "/hook",
        "ftp://127.0.0.1/",
        "file:///etc/passwd",
        "http://127.0.0.1/",
        "https:///hook",
        "https://ann:secret@127.0.0.1/",
        "https://127.0.0.1/#part",
        "https://127.0.0.1:99999/",
        "https://exa mple.org/"
      })
  void whatIsNoHttpsUrlOfAReceiverIsRefused(String url) {
    assertThatThrownBy(() -> urls(false).require(url))
        .isInstanceOfSatisfying(
            PgsealException.class,
            problem -> {
              assertThat(problem.type()).isEqualTo(ProblemType.VALIDATION_FAILED);
              assertThat(problem.detail()).doesNotContain("secret");
            });
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"https://169.254.169.254/", "https://[fd00:ec2::254]/", "http://192.0.2.1/"})
  void anAddressThatIsRefusedIsRefusedAtOnce(String url) {
    assertThatThrownBy(() -> urls(true).require(url))
        .isInstanceOfSatisfying(
            PgsealException.class,
            problem -> assertThat(problem.type()).isEqualTo(ProblemType.ADDRESS_REFUSED));
  }

  @Test
  void httpIsForLoopbackAndOnlyWhenAccepted() {
    assertThat(urls(true).require("http://127.0.0.1:8080/hook").getPath()).isEqualTo("/hook");
  }

  @Test
  void aHostThatIsNotKnownYetIsTaken() {
    WebhookUrls urls =
        new WebhookUrls(
            EgressRule.DEFAULT,
            config(false),
            host -> {
              throw new UnknownHostException(host);
            });

    assertThat(urls.require("https://later.example.org/").getHost()).isEqualTo("later.example.org");
  }

  private static WebhookUrls urls(boolean acceptHttp) {
    return new WebhookUrls(EgressRule.DEFAULT, config(acceptHttp));
  }

  private static WebhookConfig config(boolean acceptHttp) {
    return Configs.of(
        WebhookConfig.class,
        Map.of("pgseal.webhooks.accept-http-on-loopback", Boolean.toString(acceptHttp)));
  }
}
