package dev.pgseal.webhook;

import java.time.Instant;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A message to a webhook. It is sent until the receiver answers 2xx, so it may arrive twice: {@code
 * id} is the same then.
 *
 * @param id also sent as {@code webhook-id}
 * @param body JSON, the bytes that are signed
 * @param nextAttemptAt null when there is none
 * @param lastStatus of the receiver's last answer; null when it gave none
 * @param lastProblem why the last attempt failed; null when it did not
 */
@Schema(name = "WebhookDelivery")
public record Delivery(
    UUID id,
    WebhookEvent event,
    String body,
    State state,
    int attempts,
    Instant createdAt,
    @Nullable Instant lastAttemptAt,
    @Nullable Instant nextAttemptAt,
    @Nullable Integer lastStatus,
    @Nullable String lastProblem) {

  /** What became of it. */
  @Schema(name = "WebhookDeliveryState")
  public enum State {
    PENDING,
    DELIVERED,
    /** Not tried again: a ping. */
    FAILED
  }
}
