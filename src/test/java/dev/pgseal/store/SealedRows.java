package dev.pgseal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.certificate.AuthorityPolicy;
import dev.pgseal.certificate.KeyType;
import dev.pgseal.hba.HbaEdit;
import dev.pgseal.idempotency.Answer;
import dev.pgseal.idempotency.IdempotentRequestsOn;
import dev.pgseal.idempotency.RequestKey;
import dev.pgseal.idempotency.Verdict;
import dev.pgseal.issuing.AuthorityKind;
import dev.pgseal.issuing.StoredAuthority;
import dev.pgseal.job.Job;
import dev.pgseal.job.JobDraft;
import dev.pgseal.job.JobStep;
import dev.pgseal.job.Requester;
import dev.pgseal.job.StepState;
import dev.pgseal.security.Secrets;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.HbaNote;
import dev.pgseal.tls.HbaRevision;
import dev.pgseal.tls.HbaTree;
import dev.pgseal.tls.HbaWrite;
import dev.pgseal.tls.RevocationStore.SignedList;
import dev.pgseal.webhook.Webhook;
import dev.pgseal.webhook.WebhookEvent;
import dev.pgseal.webhook.WebhookSecret;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.jdbi.v3.core.Jdbi;

/** A value in every sealed column, each written and opened by the store that it belongs to. */
final class SealedRows {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final byte[] FINGERPRINT = bytes("POST /v1/tokens");
  private static final String AUTHORITY = "internal";
  private static final HbaEdit EDIT = new HbaEdit("/pg_hba.conf", 3, "host", "hostssl", "x");

  /** Java and PostgreSQL do not agree how long this is. */
  private static final RequestKey ANSWERED = new RequestKey("ann/\u00e4\u20ac\uD83D\uDD11", "k/1");

  private static final RequestKey RUNNING = new RequestKey("ann", "k2");

  private final Jdbi jdbi;
  private final UUID webhook = UUID.randomUUID();
  private final WebhookSecret webhookSecret = WebhookSecret.generate();
  private final ManagedServer server;
  private final Job job;

  private SealedRows(Jdbi jdbi, ManagedServer server, Job job) {
    this.jdbi = jdbi;
    this.server = server;
    this.job = job;
  }

  static SealedRows write(ControlDatabase database, Secrets secrets) {
    Jdbi jdbi = database.jdbi();
    ManagedServer server = database.insertServer();
    new JdbiServerStore(jdbi, secrets).update(server, "hunter2");
    JobStep step =
        new JobStep(0, server.name(), "X", "X", StepState.PENDING, Map.of(), null, null, null);
    Job job =
        new JdbiJobStore(jdbi, secrets)
            .insert(
                new JobDraft("rollout", Map.of(), List.of(step), List.of(server.id())),
                Requester.of("ann"));
    SealedRows rows = new SealedRows(jdbi, server, job);
    rows.writeRest(secrets);
    return rows;
  }

  private void writeRest(Secrets secrets) {
    jobs(secrets, "{\"undo\": 1}");
    new JdbiHbaRevisionStore(jdbi, secrets)
        .append(server.id(), tree(), HbaNote.enforced("ann", List.of(EDIT)), List.of("/a.conf"));
    new JdbiHbaWrites(jdbi, secrets)
        .begin(
            new HbaWrite(
                UUID.randomUUID(),
                server.id(),
                NOW,
                "/pg_hba.conf",
                List.of(new HbaWrite.Part("/pg_hba.conf", bytes("before"), "after", "plain")),
                null));
    new JdbiAuthorityStore(jdbi, secrets).insert(authority(), bytes("authority key"));
    new JdbiAuthorityRotationStore(jdbi, secrets)
        .begin(AUTHORITY, "chain", "ECDSA_P256", bytes("next key"));
    new JdbiRevocationStore(jdbi, secrets)
        .keep(
            new SignedList("ab", AUTHORITY, 1, new byte[] {1}, NOW, NOW, "chain"),
            bytes("canary key"));
    new JdbiWebhookStore(jdbi, secrets).insert(webhook(), webhookSecret);
    new JdbiAuditLog(jdbi, secrets).seal();
    try (IdempotentRequestsOn on = idempotency(secrets)) {
      on.requests().begin(RUNNING, FINGERPRINT);
      Verdict.Run run = (Verdict.Run) on.requests().begin(ANSWERED, FINGERPRINT);
      on.requests().answered(run.claim(), new Answer(201, Map.of(), bytes("token")));
    }
  }

  /** Each of them is what it was. */
  void requireAll(Secrets secrets) {
    assertThat(new JdbiServerStore(jdbi, secrets).login(server).password()).isEqualTo("hunter2");
    jobs(secrets, "{\"undo\": 2}");
    var revisions = new JdbiHbaRevisionStore(jdbi, secrets);
    HbaRevision revision = revisions.find(server.id(), 1).orElseThrow();
    assertThat(revisions.tree(revision).tag()).isEqualTo(tree().tag());
    assertThat(revision.edits().get(0)).containsEntry("before", "host");
    HbaWrite write = new JdbiHbaWrites(jdbi, secrets).find(server.id()).orElseThrow();
    assertThat(write.parts().get(0).before()).isEqualTo(bytes("before"));
    assertThat(new JdbiAuthorityStore(jdbi, secrets).secret(AUTHORITY))
        .isEqualTo(bytes("authority key"));
    assertThat(new JdbiAuthorityRotationStore(jdbi, secrets).privateKey(AUTHORITY))
        .isEqualTo(bytes("next key"));
    assertThat(new JdbiRevocationStore(jdbi, secrets).canaryKey("ab"))
        .isEqualTo(bytes("canary key"));
    assertThat(new JdbiWebhookStore(jdbi, secrets).secret(webhook).text())
        .isEqualTo(webhookSecret.text());
    try (IdempotentRequestsOn on = idempotency(secrets)) {
      Verdict.Replay replay = (Verdict.Replay) on.requests().begin(ANSWERED, FINGERPRINT);
      assertThat(replay.answer().body()).isEqualTo(bytes("token"));
    }
  }

  /** The first undo stays, so this writes it once and then reads it. */
  private void jobs(Secrets secrets, String undo) {
    var store = new JdbiJobStore(jdbi, secrets);
    var execution = store.execution(job.id(), store.claim(job.id()).orElseThrow());
    execution.recordUndo(0, undo);
    assertThat(execution.undo(0)).contains("{\"undo\": 1}");
  }

  private IdempotentRequestsOn idempotency(Secrets secrets) {
    return new IdempotentRequestsOn(new JdbiIdempotencyStore(jdbi), secrets);
  }

  private Webhook webhook() {
    return new Webhook(
        webhook,
        "chat",
        URI.create("https://chat.example.org/"),
        Map.of(),
        List.of(WebhookEvent.PING),
        "ann",
        NOW,
        null,
        null,
        null,
        null);
  }

  private static StoredAuthority authority() {
    return StoredAuthority.active(
        AUTHORITY,
        AuthorityKind.ROOT,
        null,
        "chain",
        "ECDSA_P256",
        new AuthorityPolicy(Duration.ofDays(90), Set.of(KeyType.ECDSA_P256), List.of()),
        Set.of(),
        NOW);
  }

  private static HbaTree tree() {
    return new HbaTree(
        "/pg_hba.conf",
        new TreeMap<>(Map.of("/pg_hba.conf", bytes("rules"), "/a.conf", bytes("included"))));
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
