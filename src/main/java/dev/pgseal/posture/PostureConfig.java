package dev.pgseal.posture;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.time.Duration;

/** When servers are scanned, and what counts as late. */
@ConfigMapping(prefix = "pgseal.posture")
public interface PostureConfig {

  /** From the end of one scan of all servers to the begin of the next. */
  @WithDefault("5m")
  Duration scanInterval();

  /** Each of those waits is longer by a random part of this. */
  @WithDefault("30s")
  Duration scanJitter();

  /** A scan of one server that takes longer is given up. */
  @WithDefault("60s")
  Duration scanTimeout();

  /** Servers that one replica scans at once. */
  @WithDefault("8")
  int scansAtOnce();

  /** A certificate expires soon when less is left, or less than a tenth of its life if shorter. */
  @WithDefault("14d")
  Duration expiresSoon();

  /** From one refresh of the metrics to the next. */
  @WithDefault("15s")
  Duration metricsInterval();
}
