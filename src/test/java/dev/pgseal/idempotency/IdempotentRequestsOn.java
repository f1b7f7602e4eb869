package dev.pgseal.idempotency;

import dev.pgseal.security.Secrets;
import java.time.Duration;

/** Requests with a key on a store, without the service around them. */
public final class IdempotentRequestsOn implements AutoCloseable {

  private final IdempotentRequests requests;

  public IdempotentRequestsOn(IdempotencyStore store, Secrets secrets) {
    requests = new IdempotentRequests(store, secrets, () -> Duration.ofHours(1));
  }

  public IdempotentRequests requests() {
    return requests;
  }

  @Override
  public void close() {
    requests.stop();
  }
}
