package dev.pgseal.security;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Counts wrong tokens by where they come from, and says who shall wait.
 *
 * <p>After {@value #FREE} failures within {@link #WINDOW} an origin waits one second; each failure
 * after that wait doubles it, up to {@link #LONGEST}. Whoever is quiet for {@link #WINDOW} after
 * the wait begins anew. Kept in memory by each replica, for the {@value #MOST} origins that failed
 * last. Right tokens are not its concern: nobody can shut out others who share an address.
 */
@ApplicationScoped
public class FailedAttempts {

  /** Failures that are only counted. */
  static final int FREE = 20;

  static final Duration WINDOW = Duration.ofMinutes(1);
  static final Duration LONGEST = Duration.ofMinutes(1);
  static final int MOST = 10_000;

  private static final Duration FIRST_WAIT = Duration.ofSeconds(1);

  private final Clock clock;
  private final Map<String, Failures> byOrigin =
      new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Failures> eldest) {
          return size() > MOST;
        }
      };

  @Inject
  FailedAttempts() {
    this(Clock.systemUTC());
  }

  FailedAttempts(Clock clock) {
    this.clock = clock;
  }

  /**
   * @param since when the count began
   * @param until when the present or last wait ends, null before the first
   * @param nextWait after the next failure
   */
  private record Failures(int count, Instant since, @Nullable Instant until, Duration nextWait) {

    boolean over(Instant now) {
      return !now.isBefore((until == null ? since : until).plus(WINDOW));
    }

    boolean waits(Instant now) {
      return until != null && now.isBefore(until);
    }
  }

  /**
   * Records a failure, unless its origin has to wait anyway.
   *
   * @param origin see {@link ClientOrigin}
   * @return how long the origin has to wait now, empty when it has not
   */
  public synchronized Optional<Duration> failed(String origin) {
    Instant now = clock.instant();
    Failures before = byOrigin.get(origin);
    if (before == null || before.over(now)) {
      before = new Failures(0, now, null, FIRST_WAIT);
    }
    Failures after = before.waits(now) ? before : after(before, now);
    byOrigin.put(origin, after);
    return after.waits(now) ? Optional.of(Duration.between(now, after.until())) : Optional.empty();
  }

  private static Failures after(Failures before, Instant now) {
    int count = before.count() + 1;
    if (count <= FREE) {
      return new Failures(count, before.since(), null, FIRST_WAIT);
    }
    Duration twice = before.nextWait().multipliedBy(2);
    return new Failures(
        count,
        before.since(),
        now.plus(before.nextWait()),
        twice.compareTo(LONGEST) < 0 ? twice : LONGEST);
  }

  synchronized int size() {
    return byOrigin.size();
  }
}
