package dev.pgseal.webhook;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.egress.EgressRule;
import dev.pgseal.posture.FindingCode;
import dev.pgseal.posture.Postures;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.store.ControlDatabase;
import dev.pgseal.testing.Configs;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** From the outbox in a real control database to a real listener. */
class WebhookDeliveryTest {

  @RegisterExtension static final ControlDatabase DATABASE = new ControlDatabase();

  private static final Vertx VERTX = Vertx.vertx();

  private final Map<String, String> labels = Map.of("test", UUID.randomUUID().toString());
  private final ManagedServer server = DATABASE.insertServer("secret", labels);
  private final WebhookStore store = DATABASE.webhooks();
  private Receiver receiver;
  private Webhook webhook;

  @BeforeEach
  void start() throws Exception {
    receiver = new Receiver("127.0.0.1");
    webhook = webhook(receiver);
  }

  @AfterEach
  void stop() throws Exception {
    store.delete(webhook.id());
    receiver.close();
  }

  @AfterAll
  static void close() {
    VERTX.close();
  }

  @Test
  void messagesArriveInOrderAndOnceWhenTheReceiverTakesThem() {
    grade();
    grade(FindingCode.TLS_OFF);

    delivery(Map.of()).run();
    delivery(Map.of()).run();

    assertThat(receiver.messages()).hasSize(2);
    assertThat(receiver.messages().get(0).body()).contains("\"after\":\"A\"");
    assertThat(receiver.messages().get(1).body()).contains("\"after\":\"F\"");
    assertThat(deliveries()).allSatisfy(d -> assertThat(d.state().name()).isEqualTo("DELIVERED"));
    assertThat(store.find(webhook.name()).orElseThrow().lastDeliveredAt()).isNotNull();
  }

  @Test
  void aFailedMessageIsTriedAgainWithTheSameIdAndHoldsTheLaterOnesBack() {
    receiver.behave(Receiver.Manner.FAILS);
    grade();
    grade(FindingCode.TLS_OFF);
    WebhookDelivery delivery = delivery(Map.of("pgseal.webhooks.retry-after", "100ms"));

    delivery.run();
    assertThat(deliveries().get(1).lastProblem()).isEqualTo("answered 503");
    assertThat(store.find(webhook.name()).orElseThrow().failingSince()).isNotNull();
    receiver.behave(Receiver.Manner.TAKES);
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              delivery.run();
              assertThat(deliveries())
                  .allSatisfy(d -> assertThat(d.state()).isEqualTo(Delivery.State.DELIVERED));
            });

    List<String> ids =
        receiver.messages().stream().map(m -> m.headers().getFirst("webhook-id")).toList();
    assertThat(ids.subList(0, ids.size() - 1)).containsOnly(deliveries().get(1).id().toString());
    assertThat(ids.get(ids.size() - 1)).isEqualTo(deliveries().get(0).id().toString());
    assertThat(store.find(webhook.name()).orElseThrow().failingSince()).isNull();
  }

  @Test
  void theWaitDoublesUpToTheLongest() {
    receiver.behave(Receiver.Manner.FAILS);
    grade();
    WebhookDelivery delivery =
        delivery(
            Map.of(
                "pgseal.webhooks.retry-after", "1h",
                "pgseal.webhooks.retry-at-most", "3h"));
    for (int hours : List.of(1, 2, 3, 3)) {
      delivery.run();
      Delivery failed = deliveries().get(0);
      assertThat(Duration.between(failed.lastAttemptAt(), failed.nextAttemptAt()))
          .isEqualTo(Duration.ofHours(hours));
      delivery.run();
      assertThat(deliveries().get(0).attempts()).isEqualTo(failed.attempts());
      DATABASE
          .jdbi()
          .useHandle(h -> h.execute("update webhook_delivery set next_attempt_at = now()"));
    }
  }

  @Test
  void aReceiverThatHangsDelaysItsOwnMessagesOnly() throws Exception {
    try (Receiver hanging = new Receiver("127.0.0.1")) {
      hanging.behave(Receiver.Manner.HANGS);
      Webhook stuck = webhook(hanging);
      grade();

      delivery(Map.of("pgseal.webhooks.request-timeout", "2s")).run();

      assertThat(deliveries().get(0).state()).isEqualTo(Delivery.State.DELIVERED);
      Delivery waits = store.deliveries(stuck.id(), null, 1).get(0);
      assertThat(waits.state()).isEqualTo(Delivery.State.PENDING);
      assertThat(waits.lastStatus()).isNull();
      assertThat(waits.nextAttemptAt()).isAfter(waits.lastAttemptAt());
      assertThat(hanging.messages()).hasSize(1);
      store.delete(stuck.id());
    }
  }

  @Test
  void whatHasFailedTooLongIsDisabledAndAPingThatIsTakenEnablesIt() {
    receiver.behave(Receiver.Manner.REDIRECTS);
    grade();
    WebhookDelivery delivery =
        delivery(
            Map.of("pgseal.webhooks.retry-after", "10ms", "pgseal.webhooks.disable-after", "10ms"));
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              delivery.run();
              assertThat(store.find(webhook.name()).orElseThrow().disabledReason())
                  .contains("answered 303", "redirects are not followed");
            });
    int sent = receiver.messages().size();
    grade(FindingCode.TLS_OFF);
    delivery.run();
    assertThat(receiver.messages()).as("disabled").hasSize(sent);

    Webhooks webhooks = webhooks(Map.of());
    assertThat(webhooks.ping(webhook).state()).isEqualTo(Delivery.State.FAILED);
    receiver.behave(Receiver.Manner.TAKES);
    assertThat(webhooks.ping(webhook).state()).isEqualTo(Delivery.State.DELIVERED);
    assertThat(store.find(webhook.name()).orElseThrow().disabledAt()).isNull();
    Awaitility.await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () -> {
              delivery.run();
              assertThat(receiver.messages())
                  .last()
                  .satisfies(m -> assertThat(m.body()).contains("\"after\":\"F\""));
            });
  }

  @Test
  void aReceiverThatIsGoneIsDisabledAtOnce() {
    receiver.behave(Receiver.Manner.IS_GONE);
    grade();

    delivery(Map.of()).run();

    assertThat(store.find(webhook.name()).orElseThrow().disabledReason()).contains("410");
  }

  @Test
  void aSecretIsSealedAndEachWebhookHasItsOwn() {
    byte[] sealed =
        DATABASE
            .jdbi()
            .withHandle(
                h ->
                    h.createQuery("select secret from webhook where id = :id")
                        .bind("id", webhook.id())
                        .mapTo(byte[].class)
                        .one());
    WebhookSecret secret = store.secret(webhook.id());

    assertThat(new String(sealed, StandardCharsets.ISO_8859_1))
        .doesNotContain(new String(secret.bytes(), StandardCharsets.ISO_8859_1));
    grade();
    delivery(Map.of()).run();
    Receiver.Message message = receiver.messages().get(0);
    assertThat(message.headers().getFirst("webhook-signature"))
        .isEqualTo(
            secret.sign(
                message.headers().getFirst("webhook-id"),
                Instant.ofEpochSecond(
                    Long.parseLong(message.headers().getFirst("webhook-timestamp"))),
                message.body()));
  }

  private void grade(FindingCode... codes) {
    UUID claim = DATABASE.postures().claim(server.id(), Duration.ofMinutes(1)).orElseThrow();
    DATABASE.postures().save(server.id(), claim, Postures.scanned(server.name(), Map.of(), codes));
  }

  /** Newest first. */
  private List<Delivery> deliveries() {
    return store.deliveries(webhook.id(), null, 10);
  }

  private Webhook webhook(Receiver at) {
    Webhook made =
        new Webhook(
            UUID.randomUUID(),
            "hook-" + UUID.randomUUID(),
            URI.create("https://127.0.0.1:" + at.port() + "/hook"),
            labels,
            List.of(WebhookEvent.POSTURE_GRADE_CHANGED),
            "ann",
            Instant.now(),
            null,
            null,
            null,
            null);
    store.insert(made, WebhookSecret.generate());
    return made;
  }

  private WebhookDelivery delivery(Map<String, String> properties) {
    return new WebhookDelivery(store, webhooks(properties), config(properties), Clock.systemUTC());
  }

  private Webhooks webhooks(Map<String, String> properties) {
    WebhookConfig config = config(properties);
    WebhookUrls urls = new WebhookUrls(EgressRule.DEFAULT, config);
    WebhookSender sender = new WebhookSender(VERTX, urls, config, Clock.systemUTC());
    return new Webhooks(store, sender, config, Clock.systemUTC());
  }

  private WebhookConfig config(Map<String, String> properties) {
    Map<String, String> all = new HashMap<>(properties);
    all.put("pgseal.webhooks.trusted-certificates", receiver.roots().toString());
    return Configs.of(WebhookConfig.class, all);
  }
}
