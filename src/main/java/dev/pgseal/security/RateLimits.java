package dev.pgseal.security;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A token bucket for each caller, and for each origin of those who come without a token. Kept in
 * memory by each replica, for the {@value #MOST} of each kind that came last; callers and origins
 * apart, so that nobody without a token can push out one with a token.
 */
@ApplicationScoped
public class RateLimits {

  static final int MOST = 10_000;

  private static final Duration SECOND = Duration.ofSeconds(1);

  private final RateLimitConfig config;
  private final Map<String, Bucket> callers = new Recent();
  private final Map<String, Bucket> origins = new Recent();

  RateLimits(RateLimitConfig config) {
    this.config = config;
  }

  /**
   * What is left for whoever asked.
   *
   * @param retryAfter until the next request is admitted; zero for one that is
   * @param untilFull until a whole burst is admitted again, if there are no more requests
   */
  public record Standing(
      boolean admitted, long remaining, Duration retryAfter, Duration untilFull) {}

  /** Takes one request of a caller with a token. */
  public Standing ofCaller(String name) {
    return take(callers, name);
  }

  /**
   * Takes one request without a token.
   *
   * @param origin see {@link ClientOrigin}
   */
  public Standing ofOrigin(String origin) {
    return take(origins, origin);
  }

  private Standing take(Map<String, Bucket> buckets, String who) {
    Bucket bucket;
    synchronized (buckets) {
      bucket = buckets.computeIfAbsent(who, w -> full());
    }
    ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
    return new Standing(
        probe.isConsumed(),
        probe.getRemainingTokens(),
        Duration.ofNanos(probe.getNanosToWaitForRefill()),
        Duration.ofNanos(probe.getNanosToWaitForReset()));
  }

  private Bucket full() {
    return Bucket.builder()
        .addLimit(
            limit ->
                limit.capacity(config.burst()).refillGreedy(config.requestsPerSecond(), SECOND))
        .build();
  }

  /** Those that were used last; a full bucket is what a forgotten one is replaced by. */
  private static final class Recent extends LinkedHashMap<String, Bucket> {
    private static final long serialVersionUID = 1L;

    private Recent() {
      super(16, 0.75f, true);
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, Bucket> eldest) {
      return size() > MOST;
    }
  }
}
