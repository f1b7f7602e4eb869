package dev.pgseal.store;

import dev.pgseal.audit.AuditLog;
import dev.pgseal.job.RecurringWork;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;

/** Seals the end of the audit log under the key set, again and again. */
@ApplicationScoped
class AuditSealing implements RecurringWork {

  private final AuditLog log;

  AuditSealing(AuditLog log) {
    this.log = log;
  }

  @Override
  public String name() {
    return "audit-sealing";
  }

  @Override
  public Duration interval() {
    return Duration.ofMinutes(1);
  }

  @Override
  public Duration jitter() {
    return Duration.ofSeconds(10);
  }

  @Override
  public void run() {
    log.seal();
  }
}
