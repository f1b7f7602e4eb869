package dev.pgseal.idempotency;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Secrets;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/**
 * Runs a request with a key at most once (draft-ietf-httpapi-idempotency-key-header-07 §2.6).
 *
 * <p>While it runs its lease is renewed from here; nothing of the control database is held. When
 * the replica dies, the lease ends and the outcome is <em>unknown</em>: the request may have made a
 * token or a job, or not. It is not run again by itself, for a second run could do it twice, and a
 * value that is shown once would be lost unseen. The caller is told to look and to use another key.
 */
@ApplicationScoped
public class IdempotentRequests {

  private static final Logger LOG = Logger.getLogger(IdempotentRequests.class);

  /** A replica that has not renewed for so long counts as dead. */
  static final Duration LEASE = Duration.ofSeconds(15);

  private static final Duration RENEWAL = Duration.ofSeconds(3);
  private static final int RETRY_SECONDS = 2;

  private final IdempotencyStore store;
  private final Secrets secrets;
  private final IdempotencyConfig config;
  private final Set<UUID> running = ConcurrentHashMap.newKeySet();
  private final ScheduledExecutorService renewer =
      Executors.newSingleThreadScheduledExecutor(
          task -> {
            Thread thread = new Thread(task, "pgseal-idempotency");
            thread.setDaemon(true);
            return thread;
          });

  IdempotentRequests(IdempotencyStore store, Secrets secrets, IdempotencyConfig config) {
    this.store = store;
    this.secrets = secrets;
    this.config = config;
    renewer.scheduleAtFixedRate(
        this::renew, RENEWAL.toSeconds(), RENEWAL.toSeconds(), TimeUnit.SECONDS);
  }

  @PreDestroy
  void stop() {
    renewer.shutdownNow();
  }

  /**
   * @param fingerprint equal for equal requests, and for those only
   * @throws PgsealException {@code IDEMPOTENCY_KEY_REUSED} for another request, {@code
   *     IDEMPOTENCY_KEY_IN_USE} while the first one runs, {@code IDEMPOTENCY_OUTCOME_UNKNOWN}
   */
  public Verdict begin(RequestKey key, byte[] fingerprint) {
    Claim claim = new Claim(key, UUID.randomUUID());
    Optional<KeptRequest> before =
        store.claim(
            key,
            claim.id(),
            secrets.seal(fingerprint, context(claim, "fingerprint")),
            LEASE,
            config.keepFor());
    if (before.isEmpty()) {
      running.add(claim.id());
      return new Verdict.Run(claim);
    }
    return again(new Claim(key, before.get().claim()), before.get(), fingerprint);
  }

  private Verdict again(Claim first, KeptRequest kept, byte[] fingerprint) {
    byte[] firsts = secrets.open(kept.fingerprint(), context(first, "fingerprint"));
    if (!MessageDigest.isEqual(firsts, fingerprint)) {
      throw new PgsealException(
              ProblemType.IDEMPOTENCY_KEY_REUSED,
              "This Idempotency-Key was sent before, with another method, path, query or body")
          .hint("Use a new key for each new request, a UUID for instance");
    }
    if (kept.answer() != null) {
      return new Verdict.Replay(Answer.of(secrets.open(kept.answer(), context(first, "answer"))));
    }
    if (kept.running()) {
      throw new PgsealException(
              ProblemType.IDEMPOTENCY_KEY_IN_USE, "The first request with this key still runs")
          .hint("Send it again, unchanged, after the time in Retry-After")
          .with("retryAfterSeconds", RETRY_SECONDS);
    }
    throw new PgsealException(
            ProblemType.IDEMPOTENCY_OUTCOME_UNKNOWN,
            "The replica that ran the first request with this key ended before it answered")
        .hint(
            "Look whether it took effect (the resource itself, GET /v1/jobs). If it did not, send"
                + " it with a new key");
  }

  /** Keeps the answer; it must not have been sent yet. */
  public void answered(Claim claim, Answer answer) {
    running.remove(claim.id());
    if (!store.answer(claim.id(), secrets.seal(answer.toBytes(), context(claim, "answer")))) {
      LOG.warnf(
          "The answer to a request of %s came after its key had expired", claim.key().caller());
    }
  }

  /** Frees the key: a repeated request runs as if it were the first. */
  public void abandoned(Claim claim) {
    running.remove(claim.id());
    store.release(claim.id());
  }

  private void renew() {
    try {
      if (!running.isEmpty()) {
        store.renew(Set.copyOf(running), LEASE);
      }
    } catch (RuntimeException e) {
      LOG.warn("The requests that run could not be marked; the next try comes soon", e);
    }
  }

  /** Binds what is sealed to its row; the length keeps names with a slash apart. */
  private static String context(Claim claim, String column) {
    RequestKey key = claim.key();
    return "idempotency/%d:%s/%s/%s/%s"
        .formatted(key.caller().length(), key.caller(), key.key(), claim.id(), column);
  }
}
