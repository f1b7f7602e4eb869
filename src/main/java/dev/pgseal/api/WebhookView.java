package dev.pgseal.api;

import dev.pgseal.webhook.Delivery;
import dev.pgseal.webhook.Webhook;
import dev.pgseal.webhook.WebhookEvent;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** A webhook as it is shown: all but its secret, which is in the answer to its creation alone. */
@Schema(name = "Webhook")
public record WebhookView(
    @Schema(examples = "on-call") String name,
    @Schema(examples = "https://hooks.example.org/pgseal") String url,
    @Schema(description = "Only in the answer that made it") @Nullable String secret,
    @Schema(description = "Empty: all servers", examples = "{\"env\": \"prod\"}")
        Map<String, String> serverLabels,
    List<WebhookEvent> events,
    boolean enabled,
    @Schema(description = "Why it is disabled") @Nullable String disabledReason,
    @Nullable Instant disabledAt,
    @Nullable Instant failingSince,
    @Nullable Instant lastDeliveredAt,
    String createdBy,
    Instant createdAt) {

  static WebhookView of(Webhook webhook) {
    return of(webhook, null);
  }

  static WebhookView of(Webhook webhook, @Nullable String secret) {
    return new WebhookView(
        webhook.name(),
        webhook.url().toString(),
        secret,
        webhook.serverLabels(),
        webhook.events(),
        webhook.disabledAt() == null,
        webhook.disabledReason(),
        webhook.disabledAt(),
        webhook.failingSince(),
        webhook.lastDeliveredAt(),
        webhook.createdBy(),
        webhook.createdAt());
  }

  /** A page of webhooks. */
  @Schema(name = "WebhookPage")
  public record Page(List<WebhookView> webhooks, @Nullable String nextPageToken) {}

  /** A page of messages, the newest first. */
  @Schema(name = "WebhookDeliveryPage")
  public record Deliveries(List<Delivery> deliveries, @Nullable String nextPageToken) {}

  /** Never shows the secret. */
  @Override
  public String toString() {
    return name;
  }
}
