package dev.pgseal.issuing;

import dev.pgseal.certificate.Authority;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * Authorities opened a moment ago, since to unseal a key, to parse it and to try it takes longer
 * than to sign.
 *
 * <p>One is found by all that the control database says of it now, so that a replica never goes on
 * with the key, the chain or the policy of before; and it is forgotten {@link #LIFE} after it was
 * opened, whether it is used or not, so that a key is in memory about when it is needed only.
 */
final class OpenAuthorities {

  static final Duration LIFE = Duration.ofMinutes(1);

  private final Map<StoredAuthority, Authority> open = new ConcurrentHashMap<>();
  private final Executor later;

  OpenAuthorities() {
    this(CompletableFuture.delayedExecutor(LIFE.toSeconds(), TimeUnit.SECONDS));
  }

  /**
   * @param later runs what it gets after {@link #LIFE}
   */
  OpenAuthorities(Executor later) {
    this.later = later;
  }

  /** The open one, or what {@code opening} makes of it; what that throws is kept nowhere. */
  Authority get(StoredAuthority stored, Function<StoredAuthority, Authority> opening) {
    return open.computeIfAbsent(
        stored,
        key -> {
          Authority authority = opening.apply(key);
          later.execute(() -> open.remove(key));
          return authority;
        });
  }
}
