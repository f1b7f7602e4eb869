package dev.pgseal.api;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** Limits of requests beyond those that Quarkus has ({@code quarkus.http.*}). */
@ConfigMapping(prefix = "pgseal.http")
public interface HttpConfig {

  /** From the end of a request's headers to the end of its body. */
  @WithDefault("1m")
  Duration bodyTimeout();
}
