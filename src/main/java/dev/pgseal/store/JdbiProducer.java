package dev.pgseal.store;

import dev.pgseal.audit.Actor;
import dev.pgseal.audit.CurrentActor;
import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.util.function.Supplier;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.postgres.PostgresPlugin;

/** Jdbi on the pool of the control database. */
@Singleton
class JdbiProducer {

  @Produces
  @Singleton
  Jdbi jdbi(AgroalDataSource dataSource, CurrentActor actor) {
    return on(dataSource, actor);
  }

  static Jdbi on(DataSource dataSource, Supplier<Actor> actor) {
    return told(Jdbi.create(dataSource).installPlugin(new PostgresPlugin()), actor);
  }

  /** Whose transactions say who acts. */
  static Jdbi told(Jdbi jdbi, Supplier<Actor> actor) {
    jdbi.setTransactionHandler(new ActorTransactions(jdbi.getTransactionHandler(), actor));
    return jdbi;
  }
}
