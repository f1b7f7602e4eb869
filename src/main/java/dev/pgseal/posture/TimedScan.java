package dev.pgseal.posture;

import dev.pgseal.server.ManagedServer;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jboss.logging.Logger;

/**
 * Gives a scan up after a time. What was given up may hang a while longer, until its sockets time
 * out; the server is not looked at again before, so that there is one such thread for it at most.
 */
@ApplicationScoped
public class TimedScan {

  private static final Logger LOG = Logger.getLogger(TimedScan.class);

  private final PostureScan scan;
  private final Duration timeout;
  private final Clock clock;
  private final Map<UUID, Future<PostureScan.Scanned>> running = new ConcurrentHashMap<>();
  private final ExecutorService threads =
      Executors.newCachedThreadPool(
          task -> {
            Thread thread = new Thread(task, "pgseal-posture-scan");
            thread.setDaemon(true);
            return thread;
          });

  public TimedScan(PostureScan scan, PostureConfig config, Clock clock) {
    this.scan = scan;
    this.timeout = config.scanTimeout();
    this.clock = clock;
  }

  @PreDestroy
  void stop() {
    threads.shutdownNow();
  }

  PostureScan.Scanned scan(ManagedServer server, Proved proved) {
    Future<PostureScan.Scanned> before = running.get(server.id());
    if (before != null && !before.isDone()) {
      return failed(server, "An earlier scan still waits for this server");
    }
    Future<PostureScan.Scanned> look = threads.submit(() -> scan.scan(server, proved));
    running.put(server.id(), look);
    try {
      PostureScan.Scanned scanned = look.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
      running.remove(server.id(), look);
      return scanned;
    } catch (TimeoutException e) {
      look.cancel(true);
      return failed(server, "The scan took longer than " + timeout.toSeconds() + " seconds");
    } catch (ExecutionException e) {
      LOG.errorf(e.getCause(), "The scan of %s broke off", server.name());
      return failed(server, "The scan broke off; the log of pgseal says more");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      look.cancel(true);
      return failed(server, "pgseal was stopped during the scan");
    }
  }

  private PostureScan.Scanned failed(ManagedServer server, String why) {
    return new PostureScan.Scanned(
        Posture.blind(
            server.name(),
            clock.instant().truncatedTo(ChronoUnit.MICROS),
            PostureFinding.of(
                FindingCode.SCAN_FAILED, why, "POST …/posture:scan looks at it again")),
        Map.of());
  }
}
