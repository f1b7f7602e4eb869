package dev.pgseal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import dev.pgseal.embedded.StartRefusedException;
import io.smallrye.config.ConfigMapping;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.spi.ConfigSource;
import org.junit.jupiter.api.Test;

class UnknownPropertiesTest {

  @Test
  void knownPropertiesAreTakenInEitherSpelling() {
    Map<String, String> properties =
        Map.of("pgseal.accept-plain-http", "true", "quarkus.http.port", "1");
    Map<String, String> variables =
        Map.of("PGSEAL_KEYSET_FILE", "k", "PGSEAL_POSTGRES_LOGIN_TIMEOUT", "5s", "HOME", "/");

    assertThatCode(
            () ->
                UnknownProperties.refuse(
                    config(
                        new PropertiesConfigSource(properties, "test", 300),
                        new EnvConfigSource(variables, 300))))
        .doesNotThrowAnyException();
  }

  @Test
  void whatTheOwnerMayNameFreelyIsKnownUnderEveryName() {
    Map<String, String> properties =
        Map.of(
            "pgseal.mtls.callers.deploy.subject", "CN=deploy",
            "pgseal.mtls.callers.\"ci.example.org\".roles", "OPERATOR");
    Map<String, String> variables = Map.of("PGSEAL_MTLS_CALLERS_DEPLOY_SERVER_LABELS", "env=test");

    assertThatCode(
            () ->
                UnknownProperties.refuse(
                    config(
                        new PropertiesConfigSource(properties, "test", 300),
                        new EnvConfigSource(variables, 300))))
        .doesNotThrowAnyException();
    for (String mistyped :
        List.of("pgseal.mtls.callers.deploy.role", "pgseal.mtls.caller.deploy.roles")) {
      assertThatThrownBy(
              () ->
                  UnknownProperties.refuse(
                      config(new PropertiesConfigSource(Map.of(mistyped, "x"), "t", 1))))
          .hasMessageContaining(mistyped);
    }
  }

  @Test
  void aMistypedPropertyIsRefusedByNameOnly() {
    Map<String, String> properties = Map.of("pgseal.bootstrap-tokn", "hunter2");

    assertThatThrownBy(
            () -> UnknownProperties.refuse(config(new PropertiesConfigSource(properties, "t", 1))))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("pgseal.bootstrap-tokn")
        .hasMessageContaining("pgseal.bootstrap-token,")
        .hasMessageNotContaining("hunter2");
  }

  @Test
  void aMistypedVariableIsRefused() {
    Map<String, String> variables = Map.of("PGSEAL_ACCEPT_PLAIN_HTTPS", "true");

    assertThatThrownBy(() -> UnknownProperties.refuse(config(new EnvConfigSource(variables, 300))))
        .isInstanceOf(StartRefusedException.class)
        .hasMessageContaining("PGSEAL_ACCEPT_PLAIN_HTTPS");
  }

  @Test
  void everyMappingOfTheServiceIsKnown() {
    var mappings =
        new ClassFileImporter()
                .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
                .importPackages("dev.pgseal")
                .stream()
                .filter(type -> type.isAnnotatedWith(ConfigMapping.class))
                .map(JavaClass::reflect)
                .toList();

    assertThat(UnknownProperties.MAPPINGS).hasSameElementsAs(mappings);
  }

  private static SmallRyeConfig config(ConfigSource... sources) {
    return new SmallRyeConfigBuilder().withSources(sources).build();
  }
}
