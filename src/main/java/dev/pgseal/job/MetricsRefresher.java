package dev.pgseal.job;

import io.quarkus.arc.All;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/** Refreshes all {@link RefreshedMetrics}, on each replica, in one thread. */
@ApplicationScoped
@Startup
class MetricsRefresher {

  private static final Logger LOG = Logger.getLogger(MetricsRefresher.class);

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread made = new Thread(task, "pgseal-metrics");
            made.setDaemon(true);
            return made;
          });

  MetricsRefresher(@All List<RefreshedMetrics> metrics) {
    for (RefreshedMetrics each : metrics) {
      long every = each.interval().toMillis();
      thread.scheduleWithFixedDelay(() -> refresh(each), 0, every, TimeUnit.MILLISECONDS);
    }
  }

  private static void refresh(RefreshedMetrics metrics) {
    try {
      metrics.refresh();
    } catch (RuntimeException e) {
      // an exception would end the schedule; the control database may come back
      LOG.warnf(e, "The metrics of %s are not refreshed just now", metrics.name());
    }
  }

  @PreDestroy
  void stop() {
    thread.shutdownNow();
  }
}
