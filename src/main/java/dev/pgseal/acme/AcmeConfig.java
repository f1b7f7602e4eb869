package dev.pgseal.acme;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** How long CAs outside are waited for. */
@ConfigMapping(prefix = "pgseal.acme")
public interface AcmeConfig {

  /** From an order to its certificate: challenges, the CA's own checks and its signature. */
  @WithDefault("3m")
  Duration orderTimeout();

  /** One request to the CA or to the DNS webhook. */
  @WithDefault("30s")
  Duration requestTimeout();
}
