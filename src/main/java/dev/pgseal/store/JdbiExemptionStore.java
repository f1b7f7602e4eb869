package dev.pgseal.store;

import dev.pgseal.tls.Exemption;
import dev.pgseal.tls.ExemptionStore;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Jdbi;

/** What enforcements spare, in the control database. */
@ApplicationScoped
class JdbiExemptionStore implements ExemptionStore {

  private final Jdbi jdbi;

  JdbiExemptionStore(Jdbi jdbi) {
    this.jdbi = jdbi;
  }

  @Override
  public Set<Exemption> of(UUID serverId) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select exemption from hba_exemption where server_id = :server")
                .bind("server", serverId)
                .mapTo(String.class)
                .stream()
                .map(Exemption::valueOf)
                .collect(Collectors.toUnmodifiableSet()));
  }

  @Override
  public void set(UUID serverId, Set<Exemption> exemptions) {
    jdbi.useTransaction(
        handle -> {
          handle
              .createUpdate(
                  """
                  delete from hba_exemption
                  where server_id = :server and exemption <> all (:kept)
                  """)
              .bind("server", serverId)
              .bindArray("kept", String.class, exemptions.stream().map(Enum::name).toArray())
              .execute();
          for (Exemption exemption : exemptions) {
            handle
                .createUpdate(
                    """
                    insert into hba_exemption (server_id, exemption)
                    select id, :exemption from server where id = :server
                    on conflict do nothing
                    """)
                .bind("server", serverId)
                .bind("exemption", exemption.name())
                .execute();
          }
        });
  }
}
