package dev.pgseal;

import dev.pgseal.embedded.EmbeddedStart;
import io.quarkus.runtime.ApplicationLifecycleManager;
import io.quarkus.runtime.Quarkus;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Runs Quarkus and stops the embedded control database afterwards, whichever way it ends.
 *
 * <p>A signal makes the JVM run its shutdown hooks side by side, and Quarkus stops in one of them;
 * ours waits until Quarkus has come to its end in the main thread.
 */
final class StopAfterQuarkus {

  private static final Logger LOG = Logger.getLogger(StopAfterQuarkus.class);

  /** Longer than {@code quarkus.shutdown.timeout}, the time that open requests are given. */
  private static final long PATIENCE_SECONDS = 60;

  private final EmbeddedStart embedded;
  private final CountDownLatch running = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread main = Thread.currentThread();

  private StopAfterQuarkus(EmbeddedStart embedded) {
    this.embedded = embedded;
  }

  static StopAfterQuarkus register(EmbeddedStart embedded) {
    StopAfterQuarkus stop = new StopAfterQuarkus(embedded);
    Runtime.getRuntime().addShutdownHook(new Thread(stop::atShutdown, "control-database-stop"));
    return stop;
  }

  /** Runs the service until it is told to end; does not return, the JVM exits. */
  void run(String... arguments) {
    running.countDown();
    // as the default handler, since Quarkus does not log the failure when run() is given one
    ApplicationLifecycleManager.setDefaultExitCodeHandler(this::exit);
    try {
      Quarkus.run(arguments);
    } finally {
      ended.countDown();
    }
  }

  /**
   * Called in the main thread when Quarkus has ended, and in a signal's thread when it is to end.
   */
  private void exit(int status, @Nullable Throwable failure) {
    if (Thread.currentThread() == main) {
      ended.countDown();
    }
    System.exit(status);
  }

  private void atShutdown() {
    try {
      if (running.getCount() == 0 && !ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("The service has not ended in time; its control database is stopped under it");
      }
      embedded.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      LOG.error("The embedded control database was not stopped", e);
    }
  }
}
