package dev.pgseal.acme;

import java.time.Duration;

/** The configuration as a value. */
public record AcmeTimes(Duration orderTimeout, Duration requestTimeout) implements AcmeConfig {

  public static final AcmeTimes USUAL =
      new AcmeTimes(Duration.ofSeconds(60), Duration.ofSeconds(10));
}
