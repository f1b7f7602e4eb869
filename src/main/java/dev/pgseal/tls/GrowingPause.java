package dev.pgseal.tls;

import java.time.Duration;

/**
 * The pauses of a loop that waits for something that mostly happens within milliseconds and may
 * take long: each is half as long again as the one before, up to a longest one. Of one thread.
 */
public final class GrowingPause {

  private static final Duration FIRST = Duration.ofMillis(5);

  private final Duration longest;
  private Duration next = FIRST;

  /** Begins with 5 ms. */
  public GrowingPause(Duration longest) {
    this.longest = longest;
  }

  /** Pauses as {@link Pause#of} does. */
  public void pause() {
    Pause.of(next);
    Duration grown = next.multipliedBy(3).dividedBy(2);
    next = grown.compareTo(longest) < 0 ? grown : longest;
  }
}
