package dev.pgseal.testing;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.time.Duration;
import java.util.Map;

/** Configuration mappings outside of the service. */
public final class Configs {

  private Configs() {}

  /** The defaults of a mapping, but for these properties. */
  public static <T> T of(Class<T> mapping, Map<String, String> properties) {
    return new SmallRyeConfigBuilder()
        .withMapping(mapping)
        .withConverter(Duration.class, 200, new DurationConverter())
        .withDefaultValues(properties)
        .build()
        .getConfigMapping(mapping);
  }
}
