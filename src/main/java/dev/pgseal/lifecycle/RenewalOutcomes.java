package dev.pgseal.lifecycle;

import dev.pgseal.job.JobProblem;
import dev.pgseal.job.JobState;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerStore;
import dev.pgseal.tls.RenewalStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Keeps how renewals ended, and when a failed one may be tried again. */
@ApplicationScoped
public class RenewalOutcomes {

  private static final Logger LOG = Logger.getLogger(RenewalOutcomes.class);
  private static final int MOST_DOUBLINGS = 20;

  private final ServerStore servers;
  private final RenewalStore renewals;
  private final ServedCertificates served;
  private final LifecycleConfig config;
  private final Clock clock;

  public RenewalOutcomes(
      ServerStore servers,
      RenewalStore renewals,
      ServedCertificates served,
      LifecycleConfig config,
      Clock clock) {
    this.servers = servers;
    this.renewals = renewals;
    this.served = served;
    this.config = config;
    this.clock = clock;
  }

  void ended(String server, JobState state, @Nullable JobProblem problem) {
    ManagedServer found = servers.find(server).orElse(null);
    if (found == null) {
      return;
    }
    if (state == JobState.SUCCEEDED) {
      renewals.succeeded(found.id(), clock.instant());
    } else {
      failed(found, problem == null ? "The renewal was " + state : problem.detail());
    }
    served.look(found);
  }

  void failed(ManagedServer server, String problem) {
    LOG.warnf("The certificate of %s was not renewed: %s", server.name(), problem);
    renewals.failed(server.id(), problem, clock.instant(), nextAttempt(server.id()));
  }

  private Instant nextAttempt(UUID server) {
    int failures = renewals.find(server).map(RenewalStore.Renewal::failures).orElse(0);
    Duration wait = config.retryAfter().multipliedBy(1L << Math.min(failures, MOST_DOUBLINGS));
    return clock
        .instant()
        .plus(wait.compareTo(config.retryAtMost()) > 0 ? config.retryAtMost() : wait);
  }
}
