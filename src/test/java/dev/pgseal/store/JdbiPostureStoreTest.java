package dev.pgseal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.posture.FindingCode;
import dev.pgseal.posture.Grade;
import dev.pgseal.posture.PostureQuery;
import dev.pgseal.posture.PostureScan;
import dev.pgseal.posture.PostureStore;
import dev.pgseal.posture.Postures;
import dev.pgseal.posture.ServerPosture;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.webhook.Delivery;
import dev.pgseal.webhook.Webhook;
import dev.pgseal.webhook.WebhookEvent;
import dev.pgseal.webhook.WebhookSecret;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class JdbiPostureStoreTest {

  @RegisterExtension static final ControlDatabase DATABASE = new ControlDatabase();

  private static final Duration LEASE = Duration.ofMinutes(1);

  private final PostureStore store = DATABASE.postures();
  private final Map<String, String> labels = Map.of("test", UUID.randomUUID().toString());
  private final ManagedServer server = DATABASE.insertServer("secret", labels);

  @Test
  void onlyOneScansAServerAndALeaseThatIsOverIsTaken() {
    UUID claim = store.claim(server.id(), LEASE).orElseThrow();
    assertThat(store.claim(server.id(), LEASE)).isEmpty();
    store.release(server.id(), claim);

    UUID dead = store.claim(server.id(), Duration.ZERO).orElseThrow();
    UUID next = store.claim(server.id(), LEASE).orElseThrow();
    assertThat(store.save(server.id(), dead, scanned()))
        .as("whoever lost it keeps nothing")
        .isEqualTo(PostureStore.Outcome.LOST);
    assertThat(store.find(server.id())).isEmpty();
    assertThat(store.save(server.id(), next, scanned())).isEqualTo(PostureStore.Outcome.KEPT);
  }

  @Test
  void aPostureIsReadBackAsItWas() {
    PostureScan.Scanned scanned = scanned(FindingCode.OLD_PROTOCOL, FindingCode.MD5_PASSWORD);

    save(scanned);

    assertThat(store.find(server.id())).contains(scanned.posture());
  }

  @Test
  void aScanThatAnOperationHasOverlappedIsNotKept() {
    UUID during = store.claim(server.id(), LEASE).orElseThrow();
    try (var lock = DATABASE.locks().acquire(server.id(), "request/1", "PUT ssl")) {
      assertThat(store.busy(server.id())).contains("PUT ssl");
      assertThat(store.save(server.id(), during, scanned()))
          .isEqualTo(PostureStore.Outcome.CHANGED_MEANWHILE);
    }
    assertThat(store.busy(server.id())).isEmpty();
    UUID before = store.claim(server.id(), LEASE).orElseThrow();
    DATABASE.locks().acquire(server.id(), "request/2", "PUT ssl").close();
    assertThat(store.save(server.id(), before, scanned()))
        .as("begun and ended within the scan")
        .isEqualTo(PostureStore.Outcome.CHANGED_MEANWHILE);
    assertThat(store.find(server.id())).isEmpty();
    save(scanned());
    assertThat(store.find(server.id())).isPresent();
  }

  @Test
  void settingsAreHeldToThoseOfTheFirstScanAfterAChangeByPgseal() {
    save(Postures.scanned(server.name(), Map.of("ssl", "off")));
    save(Postures.scanned(server.name(), Map.of("ssl", "on")));
    assertThat(store.proved(server.id()).settings()).containsEntry("ssl", "off");

    DATABASE.locks().acquire(server.id(), "request/1", "PUT ssl").close();
    assertThat(store.proved(server.id()).settings()).as("nothing is proved yet").isEmpty();
    save(Postures.scanned(server.name(), Map.of()));
    assertThat(store.proved(server.id()).settings()).as("nothing could be seen").isEmpty();
    save(Postures.scanned(server.name(), Map.of("ssl", "on")));
    save(Postures.scanned(server.name(), Map.of("ssl", "off")));
    assertThat(store.proved(server.id()).settings()).containsEntry("ssl", "on");
  }

  @Test
  void theFleetIsFilteredByLabelGradeAndFindingAndCounted() {
    ManagedServer good = DATABASE.insertServer("secret", labels);
    ManagedServer dead = DATABASE.insertServer("secret", labels);
    ManagedServer fresh = DATABASE.insertServer("secret", labels);
    save(scanned(FindingCode.OLD_PROTOCOL, FindingCode.MD5_PASSWORD));
    save(good, Postures.scanned(good.name(), Map.of()));
    save(dead, Postures.scanned(dead.name(), Map.of(), FindingCode.UNREACHABLE));

    assertThat(names(null, null))
        .containsExactlyInAnyOrder(server.name(), good.name(), dead.name(), fresh.name())
        .isSorted();
    assertThat(names(Grade.A, null)).containsExactly(good.name());
    assertThat(names(Grade.UNKNOWN, null)).containsExactlyInAnyOrder(dead.name(), fresh.name());
    assertThat(names(null, FindingCode.MD5_PASSWORD)).containsExactly(server.name());
    assertThat(names(null, FindingCode.NOT_SCANNED)).containsExactly(fresh.name());
    assertThat(names(Grade.A, FindingCode.MD5_PASSWORD)).isEmpty();
    assertThat(store.summary(query(null, null)))
        .containsEntry(Grade.A, 1)
        .containsEntry(Grade.C, 1)
        .containsEntry(Grade.UNKNOWN, 2)
        .containsEntry(Grade.F, 0);
    assertThat(store.silent()).contains(dead.id()).doesNotContain(good.id(), fresh.id());
    List<ServerPosture> first = store.list(query(null, null), null, 3);
    assertThat(store.list(query(null, null), first.get(2).server(), 3)).hasSize(1);
  }

  @Test
  void aChangeOfGradeIsPutIntoTheOutboxOfThoseWhoWantIt() {
    Webhook wants = webhook(labels);
    Webhook wantsAll = webhook(Map.of());
    Webhook wantsOthers = webhook(Map.of("test", "other"));

    save(scanned());
    save(scanned());
    save(scanned(FindingCode.TLS_OFF));

    List<Delivery> deliveries = DATABASE.webhooks().deliveries(wants.id(), null, 10);
    assertThat(deliveries).hasSize(2);
    assertThat(deliveries.get(0).body())
        .contains("\"before\":\"A\"", "\"after\":\"F\"", "\"TLS_OFF\"", server.name());
    assertThat(deliveries.get(1).body())
        .contains("\"after\":\"A\"", "\"type\":\"posture.grade.changed\"")
        .doesNotContain("before");
    assertThat(DATABASE.webhooks().deliveries(wantsAll.id(), null, 10)).hasSize(2);
    assertThat(DATABASE.webhooks().deliveries(wantsOthers.id(), null, 10)).isEmpty();
  }

  @Test
  void aGradeAndItsNewsAreKeptTogetherOrNotAtAll() {
    Webhook webhook = webhook(labels);
    UUID claim = store.claim(server.id(), LEASE).orElseThrow();
    DATABASE
        .jdbi()
        .useHandle(
            handle ->
                handle.execute(
                    "alter table webhook_delivery add constraint full_up check (body = '')"
                        + " not valid"));
    try {
      org.assertj.core.api.Assertions.assertThatThrownBy(
              () -> store.save(server.id(), claim, scanned()))
          .hasMessageContaining("full_up");
    } finally {
      DATABASE
          .jdbi()
          .useHandle(
              handle -> handle.execute("alter table webhook_delivery drop constraint full_up"));
    }
    assertThat(store.find(server.id())).isEmpty();
    assertThat(DATABASE.webhooks().deliveries(webhook.id(), null, 10)).isEmpty();
    assertThat(store.save(server.id(), claim, scanned())).isEqualTo(PostureStore.Outcome.KEPT);
  }

  @Test
  void aForgottenServerLeavesNothing() {
    save(scanned());
    UUID claim = store.claim(server.id(), LEASE).orElseThrow();

    DATABASE.servers().delete(server.id());

    assertThat(store.save(server.id(), claim, scanned())).isEqualTo(PostureStore.Outcome.LOST);
    assertThat(names(null, null)).isEmpty();
    assertThat(store.find(server.id())).isEmpty();
  }

  private static Webhook webhook(Map<String, String> labels) {
    Webhook webhook =
        new Webhook(
            UUID.randomUUID(),
            "hook-" + UUID.randomUUID(),
            URI.create("https://hooks.example.org/"),
            labels,
            List.of(WebhookEvent.POSTURE_GRADE_CHANGED),
            "ann",
            Instant.now(),
            null,
            null,
            null,
            null);
    DATABASE.webhooks().insert(webhook, WebhookSecret.generate());
    return webhook;
  }

  private PostureScan.Scanned scanned(FindingCode... codes) {
    return Postures.scanned(server.name(), Map.of(), codes);
  }

  private void save(PostureScan.Scanned scanned) {
    save(server, scanned);
  }

  private void save(ManagedServer which, PostureScan.Scanned scanned) {
    UUID claim = store.claim(which.id(), LEASE).orElseThrow();
    assertThat(store.save(which.id(), claim, scanned)).isEqualTo(PostureStore.Outcome.KEPT);
  }

  private PostureQuery query(Grade grade, FindingCode finding) {
    return new PostureQuery(labels, grade, finding);
  }

  private List<String> names(Grade grade, FindingCode finding) {
    return store.list(query(grade, finding), null, 100).stream()
        .map(ServerPosture::server)
        .toList();
  }
}
