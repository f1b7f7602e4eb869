package dev.pgseal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.audit.Actors;
import dev.pgseal.testing.PostgresServer;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class ApprovalMigrationTest {

  private static final String BEFORE = "4";

  @Test
  void tokensOfBeforeKnowTheirMakersAsFarAsTheseAreThere() {
    try (PostgresServer server = PostgresServer.builder(14).start()) {
      PGSimpleDataSource database = new PGSimpleDataSource();
      database.setUrl(server.jdbcUrl(PostgresServer.SUPERUSER, "prefer"));
      database.setPassword(PostgresServer.PASSWORD);
      Flyway.configure().dataSource(database).target(BEFORE).load().migrate();
      server.execute(
          """
          insert into api_token (name, token_hash, roles, created_by) values
            ('bootstrap', '\\x01', '["ADMIN"]', 'pgseal'),
            ('ann', '\\x02', '["ADMIN"]', 'bootstrap'),
            ('pipeline', '\\x03', '["OPERATOR"]', 'ann'),
            ('orphan', '\\x04', '["OPERATOR"]', 'somebody-deleted'),
            ('a', '\\x05', '["ADMIN"]', 'b'),
            ('b', '\\x06', '["ADMIN"]', 'a')
          """);

      Flyway.configure().dataSource(database).load().migrate();

      JdbiTokenStore tokens = new JdbiTokenStore(JdbiProducer.on(database, Actors::current));
      assertThat(madeBy(tokens, 1)).isEmpty();
      assertThat(madeBy(tokens, 2)).containsExactly("bootstrap");
      assertThat(madeBy(tokens, 3)).containsExactly("ann", "bootstrap");
      assertThat(madeBy(tokens, 4)).containsExactly("somebody-deleted");
      assertThat(madeBy(tokens, 5)).contains("a", "b");
    }
  }

  private static Iterable<String> madeBy(JdbiTokenStore tokens, int hash) {
    return tokens.findByHash(new byte[] {(byte) hash}).orElseThrow().madeBy();
  }
}
