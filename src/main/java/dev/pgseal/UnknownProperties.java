package dev.pgseal;

import dev.pgseal.acme.AcmeConfig;
import dev.pgseal.api.HttpConfig;
import dev.pgseal.egress.EgressConfig;
import dev.pgseal.embedded.EmbeddedSettings;
import dev.pgseal.embedded.StartRefusedException;
import dev.pgseal.idempotency.IdempotencyConfig;
import dev.pgseal.lifecycle.LifecycleConfig;
import dev.pgseal.postgres.PostgresConnectionConfig;
import dev.pgseal.posture.PostureConfig;
import dev.pgseal.rollout.ApprovalConfig;
import dev.pgseal.security.HttpsSettings;
import dev.pgseal.security.MtlsSettings;
import dev.pgseal.security.OidcSettings;
import dev.pgseal.security.RateLimitConfig;
import dev.pgseal.security.SecuritySettings;
import dev.pgseal.webhook.WebhookConfig;
import io.smallrye.config.ConfigMappings;
import io.smallrye.config.ConfigMappings.ConfigClass;
import io.smallrye.config.SmallRyeConfig;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.spi.ConfigSource;

/**
 * Refuses {@code pgseal.*} properties and {@code PGSEAL_…} variables that nobody reads: a mistyped
 * name must not leave a protection switched off.
 */
final class UnknownProperties {

  private static final String PREFIX = "pgseal.";
  private static final String VARIABLE_PREFIX = "PGSEAL_";

  /** Every configuration mapping of the service. */
  static final List<Class<?>> MAPPINGS =
      List.of(
          SecuritySettings.class,
          OidcSettings.class,
          MtlsSettings.class,
          HttpsSettings.class,
          EmbeddedSettings.class,
          PostgresConnectionConfig.class,
          LifecycleConfig.class,
          EgressConfig.class,
          ApprovalConfig.class,
          IdempotencyConfig.class,
          RateLimitConfig.class,
          PostureConfig.class,
          WebhookConfig.class,
          AcmeConfig.class,
          HttpConfig.class);

  private UnknownProperties() {}

  /**
   * @throws StartRefusedException naming them, never their values
   */
  static void refuse(SmallRyeConfig config) {
    Set<String> known =
        MAPPINGS.stream()
            .flatMap(
                type ->
                    ConfigMappings.getProperties(ConfigClass.configClass(type)).keySet().stream())
            .collect(Collectors.toCollection(TreeSet::new));
    Set<String> unknown = new TreeSet<>();
    for (ConfigSource source : config.getConfigSources()) {
      for (String name : source.getPropertyNames()) {
        if (ours(name) && known.stream().noneMatch(property -> names(property, name))) {
          unknown.add(name);
        }
      }
    }
    if (!unknown.isEmpty()) {
      throw new StartRefusedException(
          "Nobody reads "
              + String.join(", ", unknown)
              + ". The properties of pgseal are "
              + String.join(", ", known)
              + ".");
    }
  }

  private static boolean ours(String name) {
    return name.startsWith(PREFIX) || name.startsWith(VARIABLE_PREFIX);
  }

  /**
   * As a variable of the environment every other character stands as an underscore. A star is a
   * name that whoever configures it has chosen.
   */
  private static boolean names(String property, String name) {
    return name.matches(pattern(property, "[^.]+|\"[^\"]+\""))
        || name.matches(pattern(variable(property), "[A-Z0-9_]+"))
        || name.startsWith(PREFIX)
            && variable(name).matches(pattern(variable(property), "[A-Z0-9_]+"));
  }

  private static String pattern(String property, String chosen) {
    return Stream.of(property.split("\\*", -1))
        .map(Pattern::quote)
        .collect(Collectors.joining("(" + chosen + ")"));
  }

  private static String variable(String property) {
    return property.replaceAll("[^A-Za-z0-9*]", "_").toUpperCase(Locale.ROOT);
  }
}
