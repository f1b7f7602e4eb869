package dev.pgseal.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.idempotency.IdempotencyStore;
import dev.pgseal.idempotency.RequestKey;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

class JdbiIdempotencyStoreTest {

  @RegisterExtension static final ControlDatabase DATABASE = new ControlDatabase();

  private static final Duration LONG = Duration.ofHours(1);
  private static final Duration OVER = Duration.ZERO;
  private static final byte[] FINGERPRINT = {1};
  private static final byte[] ANSWER = {2};

  private final IdempotencyStore store = new JdbiIdempotencyStore(DATABASE.jdbi());
  private final RequestKey key = new RequestKey("ann", UUID.randomUUID().toString());
  private final UUID claim = UUID.randomUUID();

  @Test
  void theFirstHasTheKeyAndTheSecondSeesItRunAndThenItsAnswer() {
    assertThat(claim(claim, LONG, LONG)).isTrue();
    assertThat(store.claim(key, UUID.randomUUID(), FINGERPRINT, LONG, LONG))
        .hasValueSatisfying(
            kept -> {
              assertThat(kept.claim()).isEqualTo(claim);
              assertThat(kept.running()).isTrue();
              assertThat(kept.answer()).isNull();
            });

    assertThat(store.answer(claim, ANSWER)).isTrue();

    assertThat(store.claim(key, UUID.randomUUID(), FINGERPRINT, LONG, LONG))
        .hasValueSatisfying(kept -> assertThat(kept.answer()).isEqualTo(ANSWER));
  }

  @Test
  void aLeaseThatEndedIsNotRunningUntilItIsRenewed() {
    claim(claim, OVER, LONG);
    assertThat(running()).isFalse();

    store.renew(List.of(claim), LONG);

    assertThat(running()).isTrue();
  }

  @Test
  void aReleasedKeyIsFreeAndAnAnsweredOneIsNotReleased() {
    claim(claim, LONG, LONG);
    store.release(claim);
    UUID second = UUID.randomUUID();
    assertThat(claim(second, LONG, LONG)).isTrue();

    store.answer(second, ANSWER);
    store.release(second);

    assertThat(claim(UUID.randomUUID(), LONG, LONG)).isFalse();
  }

  @Test
  void whatIsOverIsForgottenUnlessItStillRuns() {
    claim(claim, LONG, OVER);
    store.deleteExpired();
    assertThat(claim(UUID.randomUUID(), LONG, LONG)).isFalse();

    store.answer(claim, ANSWER);

    assertThat(store.deleteExpired()).isPositive();
    assertThat(store.answer(claim, ANSWER)).isFalse();
    assertThat(claim(UUID.randomUUID(), LONG, LONG)).isTrue();
  }

  @Test
  void anExpiredKeyIsFreeBeforeItIsDeleted() {
    claim(claim, OVER, OVER);

    assertThat(claim(UUID.randomUUID(), LONG, LONG)).isTrue();
  }

  private boolean claim(UUID by, Duration lease, Duration keepFor) {
    return store.claim(key, by, FINGERPRINT, lease, keepFor).isEmpty();
  }

  private boolean running() {
    return store.claim(key, UUID.randomUUID(), FINGERPRINT, LONG, LONG).orElseThrow().running();
  }
}
