package dev.pgseal.webhook;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Webhooks and the messages that wait for them. */
public interface WebhookStore {

  /**
   * @throws dev.pgseal.problem.PgsealException {@code NAME_TAKEN}
   */
  void insert(Webhook webhook, WebhookSecret secret);

  Optional<Webhook> find(String name);

  /** In the order of their names, after {@code afterName}. */
  List<Webhook> list(@Nullable String afterName, int limit);

  /** With all its messages; true when it was there. */
  boolean delete(UUID id);

  WebhookSecret secret(UUID id);

  /** Adds a message that is sent at once by whoever adds it, and by nobody else. */
  Delivery addPing(UUID webhookId, String body);

  /** Newest first, those before {@code beforeId}. */
  List<Delivery> deliveries(UUID webhookId, @Nullable UUID beforeId, int limit);

  /** A message that the caller is to send now. */
  record Due(Webhook webhook, Delivery delivery) {}

  /**
   * The oldest waiting message of each enabled webhook, if it is due; those first that are due
   * longest. Nobody else gets it before the lease is over.
   */
  List<Due> claimDue(Duration lease, int limit);

  /** The receiver took it; a disabled webhook is enabled again. */
  Delivery delivered(UUID webhookId, UUID deliveryId, int status, Instant at);

  /**
   * @param nextAttemptAt null when it is not tried again
   */
  Delivery failed(
      UUID webhookId,
      UUID deliveryId,
      @Nullable Integer status,
      String problem,
      Instant at,
      @Nullable Instant nextAttemptAt);

  /** When it began to fail; empty when the last attempt was good. */
  Optional<Instant> failingSince(UUID webhookId);

  void disable(UUID webhookId, String reason, Instant at);

  /** Drops messages that need not be sent any more and are older. */
  void forgetBefore(Instant time);
}
