package dev.pgseal.webhook;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jboss.logging.Logger;

/** Sends messages and keeps what came of it. */
@ApplicationScoped
public class Webhooks {

  private static final Logger LOG = Logger.getLogger(Webhooks.class);
  private static final int MOST_DOUBLINGS = 20;

  private final WebhookStore store;
  private final WebhookSender sender;
  private final WebhookConfig config;
  private final Clock clock;

  public Webhooks(WebhookStore store, WebhookSender sender, WebhookConfig config, Clock clock) {
    this.store = store;
    this.sender = sender;
    this.config = config;
    this.clock = clock;
  }

  /**
   * Sends a ping at once, to a disabled webhook too. When the receiver takes it, the webhook is
   * enabled again and what waited is sent.
   */
  public Delivery ping(Webhook webhook) {
    String body =
        "{\"type\":\"ping\",\"timestamp\":\"%s\",\"data\":{\"webhook\":\"%s\"}}"
            .formatted(clock.instant().truncatedTo(ChronoUnit.MICROS), webhook.name());
    return attempt(webhook, store.addPing(webhook.id(), body), false);
  }

  /** One attempt; a failed one is due again later. */
  void deliver(WebhookStore.Due due) {
    attempt(due.webhook(), due.delivery(), true);
  }

  private Delivery attempt(Webhook webhook, Delivery delivery, boolean again) {
    Attempt attempt =
        sender.send(
            webhook.url(), store.secret(webhook.id()), delivery.id().toString(), delivery.body());
    Instant now = clock.instant();
    if (attempt.taken()) {
      return store.delivered(webhook.id(), delivery.id(), attempt.status(), now);
    }
    LOG.debugf("Webhook %s: %s", webhook.name(), attempt.problem());
    Delivery failed =
        store.failed(
            webhook.id(),
            delivery.id(),
            attempt.status(),
            attempt.problem(),
            now,
            again ? now.plus(backoff(delivery.attempts())) : null);
    if (again) {
      disableWhenHopeless(webhook, attempt, now);
    }
    return failed;
  }

  private void disableWhenHopeless(Webhook webhook, Attempt attempt, Instant now) {
    Instant since = store.failingSince(webhook.id()).orElse(now);
    if (attempt.gone()) {
      disable(webhook, "The receiver answered 410 Gone", now);
    } else if (since.plus(config.disableAfter()).isBefore(now)) {
      disable(webhook, "It has failed since " + since + ", at last: " + attempt.problem(), now);
    }
  }

  private void disable(Webhook webhook, String reason, Instant now) {
    LOG.warnf("Webhook %s is disabled: %s", webhook.name(), reason);
    store.disable(webhook.id(), reason, now);
  }

  /**
   * @param attempts this one included
   */
  private Duration backoff(int attempts) {
    Duration wait = config.retryAfter().multipliedBy(1L << Math.min(attempts - 1, MOST_DOUBLINGS));
    return wait.compareTo(config.retryAtMost()) > 0 ? config.retryAtMost() : wait;
  }
}
