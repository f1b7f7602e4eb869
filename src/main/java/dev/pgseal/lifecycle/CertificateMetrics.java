package dev.pgseal.lifecycle;

import dev.pgseal.tls.RenewalStore;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import io.quarkus.runtime.Startup;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * {@code pgseal_served_certificate_expiry_timestamp_seconds} and {@code
 * pgseal_renewal_failures_total}, each by server. Every replica answers what the control database
 * says, so that it does not matter which one is scraped or which one looked.
 */
@ApplicationScoped
@Startup
public class CertificateMetrics {

  private static final Logger LOG = Logger.getLogger(CertificateMetrics.class);

  private final RenewalStore store;
  private final MeterRegistry registry;
  private final MultiGauge expiry;
  private final Map<String, Long> failures = new ConcurrentHashMap<>();
  private final ScheduledExecutorService refresher =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "pgseal-certificate-metrics");
            thread.setDaemon(true);
            return thread;
          });

  public CertificateMetrics(RenewalStore store, MeterRegistry registry, LifecycleConfig config) {
    this.store = store;
    this.registry = registry;
    this.expiry =
        MultiGauge.builder("pgseal.served.certificate.expiry.timestamp")
            .baseUnit("seconds")
            .description("notAfter of the certificate seen in the last handshake with the server")
            .register(registry);
    long every = config.metricsInterval().toMillis();
    refresher.scheduleWithFixedDelay(this::refresh, 0, every, TimeUnit.MILLISECONDS);
  }

  @PreDestroy
  void stop() {
    refresher.shutdownNow();
  }

  private void refresh() {
    try {
      List<RenewalStore.Observed> observations = store.observations();
      expiry.register(
          observations.stream()
              .map(
                  o ->
                      MultiGauge.Row.of(
                          Tags.of("server", o.server()), o.notAfter().getEpochSecond()))
              .toList(),
          true);
      Map<UUID, String> names = new HashMap<>();
      observations.forEach(o -> names.put(o.serverId(), o.server()));
      store.list().forEach(r -> count(names.get(r.serverId()), r.failuresTotal()));
    } catch (RuntimeException e) {
      // an exception would end the schedule; the control database may come back
      LOG.warn("The metrics of certificates are not refreshed just now", e);
    }
  }

  private void count(@org.jspecify.annotations.Nullable String server, long total) {
    if (server != null && failures.put(server, total) == null) {
      FunctionCounter.builder(
              "pgseal.renewal.failures", failures, all -> all.getOrDefault(server, 0L))
          .tag("server", server)
          .description("Renewals of the server's certificate that failed")
          .register(registry);
    }
  }
}
