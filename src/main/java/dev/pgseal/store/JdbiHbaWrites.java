package dev.pgseal.store;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.pgseal.security.Secrets;
import dev.pgseal.tls.HbaWrite;
import dev.pgseal.tls.HbaWrites;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.UUID;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.Jdbi;

/** Changes of rules that have begun, in the control database. */
@ApplicationScoped
class JdbiHbaWrites implements HbaWrites {

  private static final TypeReference<HbaWrite> WRITE = new TypeReference<>() {};

  private final Jdbi jdbi;
  private final Secrets secrets;

  JdbiHbaWrites(Jdbi jdbi, Secrets secrets) {
    this.jdbi = jdbi;
    this.secrets = secrets;
  }

  @Override
  public void begin(HbaWrite write) {
    byte[] content =
        secrets.seal(Columns.json(write).getBytes(StandardCharsets.UTF_8), context(write.id()));
    jdbi.useTransaction(
        handle ->
            handle
                .createUpdate(
                    """
                    insert into hba_write (server_id, id, recorded_at, content)
                    values (:server, :id, :at, :content)
                    on conflict (server_id) do update
                      set id = excluded.id, recorded_at = excluded.recorded_at,
                          content = excluded.content
                    """)
                .bind("server", write.serverId())
                .bind("id", write.id())
                .bind("at", Columns.timestamp(write.recordedAt()))
                .bind("content", content)
                .execute());
  }

  @Override
  public Optional<HbaWrite> find(UUID serverId) {
    return jdbi.withHandle(
        handle ->
            handle
                .createQuery("select id, content from hba_write where server_id = ?")
                .bind(0, serverId)
                .map(
                    (row, context) ->
                        Columns.parse(
                            new String(
                                secrets.open(
                                    row.getBytes("content"), context(Columns.uuid(row, "id"))),
                                StandardCharsets.UTF_8),
                            WRITE))
                .findOne());
  }

  @Override
  public void forget(UUID serverId) {
    jdbi.useTransaction(handle -> forget(handle, serverId));
  }

  static void forget(Handle handle, UUID serverId) {
    handle.execute("delete from hba_write where server_id = ?", serverId);
  }

  private static String context(UUID id) {
    return "hba-write/" + id + "/content";
  }
}
