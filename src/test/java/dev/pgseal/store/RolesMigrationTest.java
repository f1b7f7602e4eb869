package dev.pgseal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgseal.audit.Actors;
import dev.pgseal.security.ApiToken;
import dev.pgseal.security.Grant;
import dev.pgseal.testing.PostgresServer;
import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Test;
import org.postgresql.ds.PGSimpleDataSource;

class RolesMigrationTest {

  private static final String BEFORE_ROLES = "3";

  @Test
  void whoHadATokenBeforeThereWereRolesIsAnAdmin() {
    try (PostgresServer server = PostgresServer.builder(14).start()) {
      PGSimpleDataSource database = new PGSimpleDataSource();
      database.setUrl(server.jdbcUrl(PostgresServer.SUPERUSER, "prefer"));
      database.setPassword(PostgresServer.PASSWORD);
      Flyway.configure().dataSource(database).target(BEFORE_ROLES).load().migrate();
      server.execute(
          "insert into api_token (name, token_hash, created_by) values ('old', '\\x01', 'pgseal')");

      Flyway.configure().dataSource(database).load().migrate();

      assertThat(
              new JdbiTokenStore(JdbiProducer.on(database, Actors::current))
                  .findByHash(new byte[] {1}))
          .map(ApiToken::grant)
          .contains(Grant.ADMIN);
      assertThatThrownBy(
              () ->
                  server.execute(
                      "insert into api_token (name, token_hash, created_by) values ('new', '\\x02', 'x')"))
          .hasMessageContaining("roles");
      assertThatThrownBy(
              () -> server.execute("update api_token set server_labels = '{\"env\": \"test\"}'"))
          .hasMessageContaining("api_token_admin_of_the_fleet");
    }
  }
}
