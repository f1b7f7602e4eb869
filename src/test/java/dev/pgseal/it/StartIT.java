package dev.pgseal.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

/** Starts that must not succeed, and why. */
class StartIT {

  private final Application application = Application.shared();

  @Test
  void plainHttpOnEveryAddressIsRefused() {
    ServiceProcess process = application.process(Map.of("quarkus.http.host", "0.0.0.0"));

    assertThat(process.startInVain(Map.of())).isNotZero();

    assertThat(process.log())
        .contains("plain HTTP on 0.0.0.0")
        .contains("pgseal.accept-plain-http=true")
        .doesNotContain("Listening on");
  }

  @Test
  void anUnknownPropertyIsRefused() {
    ServiceProcess process = application.process(Map.of("pgseal.accept-plain-htp", "true"));

    assertThat(process.startInVain(Map.of())).isNotZero();

    assertThat(process.log()).contains("pgseal.accept-plain-htp").contains("pgseal.keyset-file");
  }

  @Test
  void anUnknownVariableIsRefused() {
    ServiceProcess process = application.process(Map.of());

    assertThat(process.startInVain(Map.of("PGSEAL_KEYSET", "/tmp/keys"))).isNotZero();

    assertThat(process.log()).contains("PGSEAL_KEYSET").doesNotContain("/tmp/keys");
  }

  @Test
  void aMissingKeySetIsRefused() {
    ServiceProcess process =
        application.process(Map.of("pgseal.keyset-file", "/nowhere/keyset.json"));

    assertThat(process.startInVain(Map.of())).isNotZero();

    assertThat(process.log()).contains("pgseal.keyset-file").contains("/nowhere/keyset.json");
  }

  @Test
  void aShortBootstrapTokenIsRefused() {
    ServiceProcess process = application.process(Map.of("pgseal.bootstrap-token", "hunter2"));

    assertThat(process.startInVain(Map.of())).isNotZero();

    assertThat(process.log()).contains("pgseal.bootstrap-token").doesNotContain("hunter2");
  }
}
