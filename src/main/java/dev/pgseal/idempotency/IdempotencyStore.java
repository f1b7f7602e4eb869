package dev.pgseal.idempotency;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.UUID;

/** Where requests with a key are kept, for all replicas. The clock is the control database's. */
public interface IdempotencyStore {

  /**
   * Takes a key for a run of its request.
   *
   * @param lease how long the run counts as running unless {@link #renew} is called
   * @param keepFor when the key is free again, whatever came of the run
   * @return empty when {@code claim} has the key now, else what was there before
   */
  Optional<KeptRequest> claim(
      RequestKey key, UUID claim, byte[] fingerprint, Duration lease, Duration keepFor);

  void renew(Collection<UUID> claims, Duration lease);

  /** False when the claim is not there any more. */
  boolean answer(UUID claim, byte[] answer);

  /** Frees the key of a run that came to nothing. */
  void release(UUID claim);

  /** Forgets what is over; tells how many. */
  int deleteExpired();
}
