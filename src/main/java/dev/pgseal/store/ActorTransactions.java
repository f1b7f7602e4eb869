package dev.pgseal.store;

import dev.pgseal.audit.Actor;
import java.sql.SQLException;
import java.util.UUID;
import java.util.function.Supplier;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.transaction.DelegatingTransactionHandler;
import org.jdbi.v3.core.transaction.TransactionHandler;
import org.jspecify.annotations.Nullable;

/**
 * Tells the control database at the begin of each transaction who acts, in settings that end with
 * it; {@code audit_append} reads them. A write outside a transaction would be recorded as made by
 * hand.
 */
final class ActorTransactions extends DelegatingTransactionHandler {

  private final Supplier<Actor> actor;

  ActorTransactions(TransactionHandler delegate, Supplier<Actor> actor) {
    super(delegate);
    this.actor = actor;
  }

  @Override
  public void begin(Handle handle) {
    super.begin(handle);
    try {
      tell(handle);
    } catch (RuntimeException e) {
      super.rollback(handle);
      throw e;
    }
  }

  @Override
  public TransactionHandler specialize(Handle handle) throws SQLException {
    return new ActorTransactions(getDelegate().specialize(handle), actor);
  }

  private void tell(Handle handle) {
    Actor who = actor.get();
    handle
        .createQuery(
            """
            select set_config('pgseal.actor', :actor, true)
              || set_config('pgseal.origin', :origin, true)
              || set_config('pgseal.request_id', :requestId, true)
              || set_config('pgseal.job', :job, true)
            """)
        .bind("actor", who.name())
        .bind("origin", text(who.origin()))
        .bind("requestId", text(who.requestId()))
        .bind("job", job(who.job()))
        .mapTo(String.class)
        .one();
  }

  private static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  private static String job(@Nullable UUID job) {
    return job == null ? "" : job.toString();
  }
}
