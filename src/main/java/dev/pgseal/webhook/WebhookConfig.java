package dev.pgseal.webhook;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** How messages are delivered. */
@ConfigMapping(prefix = "pgseal.webhooks")
public interface WebhookConfig {

  /** From one look for messages that are due to the next. */
  @WithDefault("5s")
  Duration deliveryInterval();

  /** An attempt that takes longer has failed. */
  @WithDefault("10s")
  Duration requestTimeout();

  /** The wait after the first failed attempt; it doubles with each one. */
  @WithDefault("10s")
  Duration retryAfter();

  /** The longest wait after a failed attempt. */
  @WithDefault("1h")
  Duration retryAtMost();

  /** A webhook that has failed for so long is disabled. */
  @WithDefault("3d")
  Duration disableAfter();

  /** Messages that were delivered are kept so long. */
  @WithDefault("14d")
  Duration keepDeliveries();

  /** PEM of the authorities that receivers are verified against, in place of the JDK's. */
  Optional<Path> trustedCertificates();

  /** Accepts {@code http://} for receivers on the loopback addresses. */
  @WithDefault("false")
  boolean acceptHttpOnLoopback();
}
