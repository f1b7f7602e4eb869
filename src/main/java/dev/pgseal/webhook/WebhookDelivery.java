package dev.pgseal.webhook;

import dev.pgseal.job.RecurringWork;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jboss.logging.Logger;

/**
 * Sends the messages that are due, each webhook's one after the other and many webhooks at once: a
 * receiver that hangs delays its own messages, and others by the time of one attempt at most.
 */
@ApplicationScoped
public class WebhookDelivery implements RecurringWork {

  private static final Logger LOG = Logger.getLogger(WebhookDelivery.class);
  private static final int AT_ONCE = 16;

  /** A run must end some time, for the next to begin on any replica. */
  private static final int MOST_ROUNDS = 100;

  private final WebhookStore store;
  private final Webhooks webhooks;
  private final WebhookConfig config;
  private final Clock clock;

  public WebhookDelivery(WebhookStore store, Webhooks webhooks, WebhookConfig config, Clock clock) {
    this.store = store;
    this.webhooks = webhooks;
    this.config = config;
    this.clock = clock;
  }

  @Override
  public String name() {
    return "webhook-delivery";
  }

  @Override
  public Duration interval() {
    return config.deliveryInterval();
  }

  @Override
  public Duration jitter() {
    return config.deliveryInterval().dividedBy(10);
  }

  @Override
  public void run() {
    store.forgetBefore(clock.instant().minus(config.keepDeliveries()));
    ExecutorService senders = Executors.newFixedThreadPool(AT_ONCE);
    try {
      List<WebhookStore.Due> due = claim();
      for (int round = 0; !due.isEmpty() && round < MOST_ROUNDS; round++) {
        send(due, senders);
        due = claim();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException e) {
      throw new IllegalStateException("A delivery broke off", e.getCause());
    } finally {
      senders.shutdownNow();
    }
  }

  private List<WebhookStore.Due> claim() {
    return store.claimDue(config.requestTimeout().plusMinutes(1), AT_ONCE);
  }

  private void send(List<WebhookStore.Due> due, ExecutorService senders)
      throws InterruptedException, ExecutionException {
    List<Future<?>> attempts = new ArrayList<>();
    for (WebhookStore.Due one : due) {
      attempts.add(senders.submit(() -> deliver(one)));
    }
    for (Future<?> attempt : attempts) {
      attempt.get();
    }
  }

  private void deliver(WebhookStore.Due due) {
    try {
      webhooks.deliver(due);
    } catch (RuntimeException e) {
      if (e instanceof PgsealException problem && problem.type() == ProblemType.NOT_FOUND) {
        LOG.debugf("Webhook %s was deleted meanwhile", due.webhook().name());
        return;
      }
      LOG.errorf(e, "A message to webhook %s could not be sent", due.webhook().name());
    }
  }
}
