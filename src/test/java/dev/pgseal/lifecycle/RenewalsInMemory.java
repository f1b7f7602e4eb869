package dev.pgseal.lifecycle;

import dev.pgseal.tls.RenewalStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** What is observed, the usual policy, and how renewals ended. */
final class RenewalsInMemory implements RenewalStore {

  private final Map<UUID, Observed> observed = new ConcurrentHashMap<>();
  private final Map<UUID, Renewal> renewals = new ConcurrentHashMap<>();
  private final Map<UUID, String> outcomes = new ConcurrentHashMap<>();

  /** How the last renewal of the server ended. */
  String outcome(UUID serverId) {
    return outcomes.getOrDefault(serverId, "none");
  }

  @Override
  public Optional<Renewal> find(UUID serverId) {
    return Optional.ofNullable(renewals.get(serverId));
  }

  @Override
  public List<Renewal> list() {
    return List.copyOf(renewals.values());
  }

  @Override
  public void installed(
      UUID serverId, @Nullable String authority, String keyType, Duration validity) {
    renewals.put(
        serverId,
        new Renewal(
            serverId, true, 2 / 3.0, authority, keyType, validity, 0, 0, null, null, null, null,
            null));
  }

  @Override
  public Renewal setPolicy(
      UUID serverId, boolean enabled, double renewAt, @Nullable Duration validity) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void started(UUID serverId, UUID jobId, Instant at) {
    outcomes.put(serverId, "started");
  }

  @Override
  public void succeeded(UUID serverId, Instant at) {
    outcomes.put(serverId, "succeeded");
  }

  @Override
  public void failed(UUID serverId, String problem, Instant at, Instant nextAttemptAt) {
    outcomes.put(serverId, "failed: " + problem);
  }

  @Override
  public void observed(Observed seen) {
    observed.put(seen.serverId(), seen);
  }

  @Override
  public void forget(UUID serverId) {
    observed.remove(serverId);
  }

  @Override
  public Optional<Observed> observed(UUID serverId) {
    return Optional.ofNullable(observed.get(serverId));
  }

  @Override
  public List<Observed> observations() {
    return List.copyOf(observed.values());
  }
}
