package dev.pgseal.lifecycle;

import dev.pgseal.job.RecurringWork;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.server.ServerStore;
import dev.pgseal.server.ServerSweep;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.jboss.logging.Logger;

/** Looks at what every server serves, and renews what is due. */
@ApplicationScoped
public class CertificateCheck implements RecurringWork {

  private static final Logger LOG = Logger.getLogger(CertificateCheck.class);
  private static final int AT_ONCE = 8;

  private final ServerStore servers;
  private final ServedCertificates served;
  private final RenewalService renewals;
  private final RenewalOutcomes outcomes;
  private final LifecycleConfig config;

  public CertificateCheck(
      ServerStore servers,
      ServedCertificates served,
      RenewalService renewals,
      RenewalOutcomes outcomes,
      LifecycleConfig config) {
    this.servers = servers;
    this.served = served;
    this.renewals = renewals;
    this.outcomes = outcomes;
    this.config = config;
  }

  @Override
  public String name() {
    return "certificate-check";
  }

  @Override
  public Duration interval() {
    return config.checkInterval();
  }

  @Override
  public Duration jitter() {
    return config.checkJitter();
  }

  @Override
  public void run() {
    new ServerSweep(servers).run(AT_ONCE, server -> true, this::check);
  }

  private void check(ManagedServer server) {
    try {
      served.look(server);
      renewals.startIfDue(server);
    } catch (PgsealException e) {
      if (e.type() == ProblemType.OPERATION_IN_PROGRESS && !renewals.isLate(server)) {
        LOG.debugf("The renewal of %s waits: %s", server.name(), e.detail());
      } else {
        outcomes.failed(server, e.detail());
      }
    } catch (RuntimeException e) {
      LOG.errorf(e, "The certificate of %s could not be checked", server.name());
    }
  }
}
