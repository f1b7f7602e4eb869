package dev.pgseal.lifecycle;

import dev.pgseal.job.RefreshedMetrics;
import dev.pgseal.tls.RenewalStore;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * {@code pgseal_served_certificate_expiry_timestamp_seconds} and {@code
 * pgseal_renewal_failures_total}, each by server. Every replica answers what the control database
 * says, so that it does not matter which one is scraped or which one looked.
 */
@ApplicationScoped
public class CertificateMetrics implements RefreshedMetrics {

  private final RenewalStore store;
  private final MeterRegistry registry;
  private final MultiGauge expiry;
  private final Map<String, Long> failures = new ConcurrentHashMap<>();
  private final LifecycleConfig config;

  public CertificateMetrics(RenewalStore store, MeterRegistry registry, LifecycleConfig config) {
    this.store = store;
    this.config = config;
    this.registry = registry;
    this.expiry =
        MultiGauge.builder("pgseal.served.certificate.expiry.timestamp")
            .baseUnit("seconds")
            .description("notAfter of the certificate seen in the last handshake with the server")
            .register(registry);
  }

  @Override
  public String name() {
    return "certificates";
  }

  @Override
  public Duration interval() {
    return config.metricsInterval();
  }

  @Override
  public void refresh() {
    List<RenewalStore.Observed> observations = store.observations();
    expiry.register(
        observations.stream()
            .map(
                o ->
                    MultiGauge.Row.of(Tags.of("server", o.server()), o.notAfter().getEpochSecond()))
            .toList(),
        true);
    Map<UUID, String> names = new HashMap<>();
    observations.forEach(o -> names.put(o.serverId(), o.server()));
    store.list().forEach(r -> count(names.get(r.serverId()), r.failuresTotal()));
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
