package dev.pgseal.security;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is configured; {@code HttpsIT} shows what it does to certificates. */
class CertificateCallersTest {

  private static final String AUTHORITY = "pgseal.mtls.authority-file";

  private static CertificateCallers callers(Map<String, String> properties) {
    return new CertificateCallers(
        new SmallRyeConfigBuilder()
            .withMapping(MtlsSettings.class)
            .withSources(new PropertiesConfigSource(properties, "test", 100))
            .build()
            .getConfigMapping(MtlsSettings.class));
  }

  private static Map<String, String> deploy(String... more) {
    Map<String, String> properties = new HashMap<>();
    properties.put(AUTHORITY, "clients.pem");
    for (int i = 0; i < more.length; i += 2) {
      properties.put("pgseal.mtls.callers.deploy." + more[i], more[i + 1]);
    }
    return properties;
  }

  @Test
  void aCallerHasASubjectOrANameAndRoles() {
    assertThatCode(() -> callers(Map.of())).doesNotThrowAnyException();
    assertThatCode(
            () ->
                callers(
                    deploy(
                        "subject", "CN=deploy,O=Example",
                        "roles", "OPERATOR,APPROVER",
                        "server-labels", "env=test,team=a")))
        .doesNotThrowAnyException();
    assertThatThrownBy(() -> callers(deploy("roles", "VIEWER")))
        .hasMessageContaining("pgseal.mtls.callers.deploy");
    assertThatThrownBy(() -> callers(deploy("subject", "CN=a", "san", "DNS:a", "roles", "VIEWER")))
        .hasMessageContaining("either subject or san");
  }

  @ParameterizedTest
  @CsvSource({
    "subject, deploy, OPERATOR, env=test",
    "san, example.org, OPERATOR, env=test",
    "san, EMAIL:a@example.org, OPERATOR, env=test",
    "subject, CN=deploy, ADMIN, env=test",
    "subject, CN=deploy, OPERATOR, test"
  })
  void whatIsNotWellDescribedIsRefusedAtTheStart(
      String by, String value, String role, String label) {
    assertThatThrownBy(() -> callers(deploy(by, value, "roles", role, "server-labels", label)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("pgseal.mtls.callers.deploy");
  }

  @Test
  void callersWithoutAnAuthorityAreRefused() {
    Map<String, String> properties = deploy("subject", "CN=deploy", "roles", "VIEWER");
    properties.remove(AUTHORITY);

    assertThatThrownBy(() -> callers(properties)).hasMessageContaining(AUTHORITY);
  }
}
