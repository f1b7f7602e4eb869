package dev.pgseal.idempotency;

import dev.pgseal.job.RecurringWork;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;

/** Deletes the answers that nobody can ask for any more. */
@ApplicationScoped
public class ExpiredAnswers implements RecurringWork {

  private final IdempotencyStore store;

  ExpiredAnswers(IdempotencyStore store) {
    this.store = store;
  }

  @Override
  public String name() {
    return "expired-answers";
  }

  @Override
  public Duration interval() {
    return Duration.ofMinutes(10);
  }

  @Override
  public Duration jitter() {
    return Duration.ofMinutes(2);
  }

  @Override
  public void run() {
    store.deleteExpired();
  }
}
