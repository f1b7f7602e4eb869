package dev.pgseal.posture;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
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
  private final Set<UUID> running = ConcurrentHashMap.newKeySet();
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

  /**
   * @throws PgsealException {@code INTERNAL_ERROR} when this thread is interrupted: a stop of
   *     pgseal says nothing about the server
   */
  PostureScan.Scanned scan(ManagedServer server, Proved proved) {
    if (!running.add(server.id())) {
      return failed(server, "An earlier scan still waits for this server");
    }
    CompletableFuture<PostureScan.Scanned> look =
        CompletableFuture.supplyAsync(() -> look(server, proved), threads);
    try {
      return look.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return failed(server, "The scan took longer than " + timeout);
    } catch (ExecutionException e) {
      LOG.errorf(e.getCause(), "The scan of %s broke off", server.name());
      return failed(server, "The scan broke off; the log of pgseal says more");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PgsealException(
          ProblemType.INTERNAL_ERROR, "pgseal was stopped during the scan", e);
    }
  }

  private PostureScan.Scanned look(ManagedServer server, Proved proved) {
    try {
      return scan.scan(server, proved);
    } finally {
      running.remove(server.id());
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
