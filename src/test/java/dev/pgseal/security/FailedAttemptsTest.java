package dev.pgseal.security;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class FailedAttemptsTest {

  private static final String ORIGIN = "192.0.2.7";

  private final SetClock clock = new SetClock();
  private final FailedAttempts attempts = new FailedAttempts(clock);

  @Test
  void aFewFailuresAreFree() {
    failFreely();

    assertThat(attempts.failed("192.0.2.8")).isEmpty();
  }

  @Test
  void eachFailureAfterAWaitDoublesItUpToAMinute() {
    failFreely();

    for (int seconds : new int[] {1, 2, 4, 8, 16, 32, 60, 60}) {
      assertThat(attempts.failed(ORIGIN)).contains(Duration.ofSeconds(seconds));
      clock.now = clock.now.plusSeconds(seconds);
    }
  }

  @Test
  void aFailureDuringTheWaitDoesNotMakeItLonger() {
    failFreely();
    attempts.failed(ORIGIN);
    clock.now = clock.now.plusMillis(600);

    assertThat(attempts.failed(ORIGIN)).contains(Duration.ofMillis(400));
  }

  @Test
  void whoIsQuietForAMinuteBeginsAnew() {
    failFreely();
    attempts.failed(ORIGIN);
    clock.now = clock.now.plusSeconds(1).plus(FailedAttempts.WINDOW);

    failFreely();
  }

  @Test
  void slowFailuresAreNeverHeldUp() {
    for (int i = 0; i < 10 * FailedAttempts.FREE; i++) {
      assertThat(attempts.failed(ORIGIN)).isEmpty();
      clock.now = clock.now.plusSeconds(4);
    }
  }

  @Test
  void onlySoManyOriginsAreKept() {
    for (int i = 0; i < FailedAttempts.MOST + 100; i++) {
      attempts.failed("origin-" + i);
    }

    assertThat(attempts.size()).isEqualTo(FailedAttempts.MOST);
  }

  @Test
  void theAddressesOfOneIpv6NetworkAreOneOrigin() {
    assertThat(ClientOrigin.of("2001:db8:0:7::1"))
        .isEqualTo(ClientOrigin.of("2001:db8:0:7:ffff::2"))
        .isNotEqualTo(ClientOrigin.of("2001:db8:0:8::1"));
    assertThat(ClientOrigin.of("192.0.2.7")).isNotEqualTo(ClientOrigin.of("192.0.2.8"));
    assertThat(ClientOrigin.of("::1%lo")).isEqualTo(ClientOrigin.of("::1"));
  }

  private void failFreely() {
    for (int i = 0; i < FailedAttempts.FREE; i++) {
      assertThat(attempts.failed(ORIGIN)).isEmpty();
    }
  }

  private static final class SetClock extends Clock {
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Override
    public Instant instant() {
      return now;
    }

    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }
  }
}
