package dev.pgseal.acme;

import java.time.Duration;

/** The configuration as a value. */
public record AcmeTimes(Duration orderTimeout, Duration requestTimeout) implements AcmeConfig {

  public static final AcmeTimes USUAL =
      new AcmeTimes(Duration.ofMinutes(2), Duration.ofSeconds(30));
}
