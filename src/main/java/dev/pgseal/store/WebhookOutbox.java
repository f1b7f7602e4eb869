package dev.pgseal.store;

import dev.pgseal.webhook.WebhookEvent;
import java.util.List;
import java.util.UUID;
import org.jdbi.v3.core.Handle;

/** Puts news into the outbox of every webhook that wants it, in the transaction that made it. */
final class WebhookOutbox {

  private WebhookOutbox() {}

  /**
   * Disabled webhooks get it too, for the case that they are enabled again.
   *
   * @param body JSON
   */
  static void put(Handle handle, UUID serverId, WebhookEvent event, String body) {
    handle
        .createUpdate(
            """
            insert into webhook_delivery (id, webhook_id, event, body, next_attempt_at)
            select gen_random_uuid(), w.id, :event, :body, clock_timestamp()
            from webhook w join server s on s.labels @> w.server_labels
            where s.id = :server and w.events @> cast(:events as jsonb)
            """)
        .bind("event", event.name())
        .bind("body", body)
        .bind("server", serverId)
        .bind("events", Columns.json(List.of(event)))
        .execute();
  }
}
