package dev.pgseal.posture;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.Pause;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import org.jboss.logging.Logger;

/** Scans a server and keeps what was seen, unless somebody is changing it or scanning it now. */
@ApplicationScoped
public class PostureService {

  private static final Logger LOG = Logger.getLogger(PostureService.class);
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final PostureStore store;
  private final TimedScan scan;
  private final Duration lease;

  public PostureService(PostureStore store, TimedScan scan, PostureConfig config) {
    this.store = store;
    this.scan = scan;
    this.lease = config.scanTimeout().plusSeconds(30);
  }

  /**
   * Scans it now; waits up to 20 seconds for a scan of it that is under way.
   *
   * @throws PgsealException {@code OPERATION_IN_PROGRESS} while an operation is changing the server
   *     or another scan does not end
   */
  public Posture scanNow(ManagedServer server) {
    store
        .busy(server.id())
        .ifPresent(
            operation -> {
              throw conflict(server, "is being changed: " + operation);
            });
    UUID claim = claimPatiently(server);
    PostureScan.Scanned scanned = scan(server, claim);
    PostureStore.Outcome outcome = store.save(server.id(), claim, scanned);
    if (outcome != PostureStore.Outcome.KEPT) {
      throw conflict(server, "was changed during the scan");
    }
    return scanned.posture();
  }

  private UUID claimPatiently(ManagedServer server) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      Optional<UUID> claim = store.claim(server.id(), lease);
      if (claim.isPresent()) {
        return claim.get();
      }
      if (System.nanoTime() > deadline) {
        throw conflict(server, "is being scanned already");
      }
      Pause.of(PAUSE);
    }
  }

  private static PgsealException conflict(ManagedServer server, String why) {
    return new PgsealException(
            ProblemType.OPERATION_IN_PROGRESS, "Server " + server.name() + " " + why)
        .with("server", server.name())
        .hint("Try again in a moment");
  }

  /** For the recurring scan: a server that is busy keeps its last posture. */
  void scanIfFree(ManagedServer server) {
    try {
      if (store.busy(server.id()).isEmpty()) {
        store
            .claim(server.id(), lease)
            .ifPresent(claim -> store.save(server.id(), claim, scan(server, claim)));
      }
    } catch (RuntimeException e) {
      LOG.errorf(e, "The posture of %s could not be scanned", server.name());
    }
  }

  private PostureScan.Scanned scan(ManagedServer server, UUID claim) {
    try {
      return scan.scan(server, store.proved(server.id()));
    } catch (RuntimeException e) {
      store.release(server.id(), claim);
      throw e;
    }
  }
}
