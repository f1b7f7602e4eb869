package dev.pgseal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.embedded.StartRefusedException;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HttpsPropertiesTest {

  @Test
  void withoutFilesNothingIsSwitched() {
    assertThat(HttpsProperties.of(config(Map.of()))).isEmpty();
  }

  @Test
  void withThemThePlainPortIsClosedUnlessSomebodySaysOtherwise() {
    Map<String, String> files =
        Map.of("pgseal.https.certificate-file", "c", "pgseal.https.key-file", "k");

    assertThat(HttpsProperties.of(config(files)))
        .containsEntry("quarkus.http.tls-configuration-name", "pgseal")
        .containsEntry("quarkus.http.insecure-requests", "disabled");
    assertThat(
            HttpsProperties.of(
                config(
                    Map.of(
                        "pgseal.https.certificate-file", "c",
                        "pgseal.https.key-file", "k",
                        "quarkus.http.insecure-requests", "redirect"))))
        .doesNotContainKey("quarkus.http.insecure-requests");
  }

  @Test
  void halfOfItIsRefused() {
    for (String alone :
        new String[] {
          "pgseal.https.certificate-file", "pgseal.https.key-file", "pgseal.mtls.authority-file"
        }) {
      assertThatThrownBy(() -> HttpsProperties.of(config(Map.of(alone, "x"))))
          .isInstanceOf(StartRefusedException.class)
          .hasMessageContaining(alone);
    }
  }

  private static SmallRyeConfig config(Map<String, String> properties) {
    return new SmallRyeConfigBuilder()
        .withSources(new PropertiesConfigSource(properties, "test", 1))
        .build();
  }
}
