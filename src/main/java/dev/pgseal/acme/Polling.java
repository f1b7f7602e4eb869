package dev.pgseal.acme;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import org.shredzone.acme4j.PollableResource;
import org.shredzone.acme4j.Status;
import org.shredzone.acme4j.exception.AcmeException;

/**
 * Looks at something of the CA until it is done: as often as its Retry-After says (RFC 8555 §7.5.1)
 * or with growing pauses, until a time that is the same for all of an order.
 */
final class Polling {

  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final URI directory;
  private final Clock clock;
  private final Duration atMost;
  private final Instant end;

  Polling(URI directory, Clock clock, Duration atMost) {
    this.directory = directory;
    this.clock = clock;
    this.atMost = atMost;
    this.end = clock.instant().plus(atMost);
  }

  /**
   * @param what is waited for, as a noun
   * @throws PgsealException {@code ISSUER_FAULT} when the time is over, or would be at the moment
   *     that the CA asks to come back at
   */
  Status await(PollableResource resource, Set<Status> done, String what) throws AcmeException {
    Duration pause = FIRST_PAUSE;
    while (!done.contains(resource.getStatus())) {
      Optional<Instant> retryAfter = resource.fetch();
      if (!done.contains(resource.getStatus())) {
        Duration backoff = pause;
        pause(
            retryAfter
                .map(when -> atLeast(Duration.between(clock.instant(), when)))
                .orElse(backoff),
            what);
        pause = shorter(pause.multipliedBy(2), LONGEST_PAUSE);
      }
    }
    return resource.getStatus();
  }

  private void pause(Duration duration, String what) {
    Instant next = clock.instant().plus(duration);
    if (next.isAfter(end)) {
      throw AcmeFaults.fault(
              "The CA %s did not finish the %s within %s"
                  .formatted(AcmeFaults.name(directory), what, atMost))
          .with("retryAfter", next.toString())
          .hint("Try again; pgseal.acme.order-timeout says how long is waited.");
    }
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PgsealException(ProblemType.INTERNAL_ERROR, "Interrupted while waiting", e);
    }
  }

  private static Duration atLeast(Duration wanted) {
    return wanted.compareTo(FIRST_PAUSE) < 0 ? FIRST_PAUSE : wanted;
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
