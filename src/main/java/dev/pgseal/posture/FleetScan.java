package dev.pgseal.posture;

import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Predicate;

/** Scans many servers, some at once. */
@ApplicationScoped
public class FleetScan {

  private static final int PAGE = 200;

  private final ServerStore servers;
  private final PostureService postures;
  private final PostureConfig config;

  public FleetScan(ServerStore servers, PostureService postures, PostureConfig config) {
    this.servers = servers;
    this.postures = postures;
    this.config = config;
  }

  void scan(Predicate<UUID> which) {
    ExecutorService scanners = Executors.newFixedThreadPool(config.scansAtOnce());
    try {
      List<Future<?>> scans = new ArrayList<>();
      String after = null;
      List<ManagedServer> page;
      do {
        page = servers.list(Map.of(), after, PAGE);
        for (ManagedServer server : page) {
          if (which.test(server.id())) {
            scans.add(scanners.submit(() -> postures.scanIfFree(server)));
          }
          after = server.name();
        }
      } while (page.size() == PAGE);
      for (Future<?> scan : scans) {
        scan.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("A scan of the fleet broke off", e.getCause());
    } finally {
      scanners.shutdownNow();
    }
  }
}
