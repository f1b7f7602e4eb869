package dev.pgseal.webhook;

import java.net.URI;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Where news go; its secret is kept apart, sealed.
 *
 * @param serverLabels news of servers that have all of these; empty for all servers
 * @param failingSince when the first of the failures since the last success was
 * @param disabledAt nothing is sent any more; null while it is enabled
 * @param disabledReason in words, null while it is enabled
 */
public record Webhook(
    UUID id,
    String name,
    URI url,
    Map<String, String> serverLabels,
    List<WebhookEvent> events,
    String createdBy,
    Instant createdAt,
    @Nullable Instant lastDeliveredAt,
    @Nullable Instant failingSince,
    @Nullable Instant disabledAt,
    @Nullable String disabledReason) {

  public Webhook {
    serverLabels = Map.copyOf(serverLabels);
    events = List.copyOf(events);
  }
}
