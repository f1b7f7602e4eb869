package dev.pgseal.store;

import io.agroal.api.AgroalDataSource;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import javax.sql.DataSource;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.postgres.PostgresPlugin;

/** Jdbi on the pool of the control database. */
@Singleton
class JdbiProducer {

  @Produces
  @Singleton
  Jdbi jdbi(AgroalDataSource dataSource) {
    return on(dataSource);
  }

  static Jdbi on(DataSource dataSource) {
    Jdbi jdbi = Jdbi.create(dataSource).installPlugin(new PostgresPlugin());
    jdbi.setTransactionHandler(new ActorTransactions(jdbi.getTransactionHandler()));
    return jdbi;
  }
}
