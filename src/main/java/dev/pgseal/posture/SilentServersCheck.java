package dev.pgseal.posture;

import dev.pgseal.job.RecurringWork;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;

/**
 * Scans the servers that did not answer last time: each takes its whole time, and none of the
 * others waits for it.
 */
@ApplicationScoped
public class SilentServersCheck implements RecurringWork {

  private final FleetScan fleet;
  private final PostureStore store;
  private final PostureConfig config;

  public SilentServersCheck(FleetScan fleet, PostureStore store, PostureConfig config) {
    this.fleet = fleet;
    this.store = store;
    this.config = config;
  }

  @Override
  public String name() {
    return "posture-scan-silent";
  }

  @Override
  public Duration interval() {
    return config.scanInterval();
  }

  @Override
  public Duration jitter() {
    return config.scanJitter();
  }

  @Override
  public void run() {
    Set<UUID> silent = store.silent();
    fleet.scan(id -> silent.contains(id));
  }
}
