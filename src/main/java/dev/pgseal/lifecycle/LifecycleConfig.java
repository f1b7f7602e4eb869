package dev.pgseal.lifecycle;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** When certificates and revocation lists are looked at and renewed. */
@ConfigMapping(prefix = "pgseal.certificates")
public interface LifecycleConfig {

  /** From one look at what every server serves to the next. */
  @WithDefault("1m")
  Duration checkInterval();

  /** Each of those waits is longer by a random part of this. */
  @WithDefault("15s")
  Duration checkJitter();

  /** The wait after the first failed renewal; it doubles with each failure. */
  @WithDefault("1m")
  Duration retryAfter();

  /** The longest wait after a failed renewal, and the one after a failed publication of a CRL. */
  @WithDefault("1h")
  Duration retryAtMost();

  /** From the signing of a CRL to its nextUpdate; it is signed anew after half of it. */
  @WithDefault("7d")
  Duration revocationListLife();

  /** From one refresh of the metrics to the next. */
  @WithDefault("15s")
  Duration metricsInterval();
}
