package dev.pgseal.posture;

import dev.pgseal.job.RecurringWork;
import dev.pgseal.server.ServerStore;
import dev.pgseal.server.ServerSweep;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.util.Set;
import java.util.UUID;

/**
 * Scans every server again and again, in two works: those that did not answer last time each take
 * their whole time, and none of the others waits for them.
 */
@Singleton
public class PostureChecks {

  private final ServerSweep servers;
  private final PostureService postures;
  private final PostureStore store;
  private final PostureConfig config;

  PostureChecks(
      ServerStore servers, PostureService postures, PostureStore store, PostureConfig config) {
    this.servers = new ServerSweep(servers);
    this.postures = postures;
    this.store = store;
    this.config = config;
  }

  /** The servers that answered last time, and the new ones. */
  @Produces
  @Singleton
  RecurringWork ofThoseThatAnswer() {
    return new Check("posture-scan", false);
  }

  /** The servers that did not answer last time. */
  @Produces
  @Singleton
  RecurringWork ofTheSilent() {
    return new Check("posture-scan-silent", true);
  }

  private final class Check implements RecurringWork {

    private final String name;
    private final boolean ofTheSilent;

    Check(String name, boolean ofTheSilent) {
      this.name = name;
      this.ofTheSilent = ofTheSilent;
    }

    @Override
    public String name() {
      return name;
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
      servers.run(
          config.scansAtOnce(),
          server -> silent.contains(server.id()) == ofTheSilent,
          postures::scanIfFree);
    }
  }
}
