package dev.pgseal.idempotency;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long answers are kept for whoever repeats a request. */
@ConfigMapping(prefix = "pgseal.idempotency")
public interface IdempotencyConfig {

  /** From the first request with a key until the key is free again. */
  @WithDefault("24h")
  Duration keepFor();
}
