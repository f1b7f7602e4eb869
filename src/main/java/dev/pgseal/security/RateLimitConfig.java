package dev.pgseal.security;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;

/** How much one caller may ask of one replica. */
@ConfigMapping(prefix = "pgseal.rate-limit")
public interface RateLimitConfig {

  @WithDefault("true")
  boolean enabled();

  /** What a caller may send for ever. */
  @WithDefault("100")
  int requestsPerSecond();

  /** What a caller who was quiet may send at once. */
  @WithDefault("1000")
  int burst();
}
