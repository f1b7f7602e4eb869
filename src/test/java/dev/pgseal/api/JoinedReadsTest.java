package dev.pgseal.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class JoinedReadsTest {

  private final JoinedReads<String, Long> reads = new JoinedReads<>();
  private final ExecutorService callers = Executors.newCachedThreadPool();

  @AfterEach
  void stop() {
    callers.shutdownNow();
  }

  @Test
  void whoeverComesWhileAReadIsUnderWaySharesTheNext() throws Exception {
    CountDownLatch firstIsReading = new CountDownLatch(1);
    CountDownLatch firstMayEnd = new CountDownLatch(1);
    AtomicInteger begun = new AtomicInteger();
    Future<Long> first =
        callers.submit(
            () ->
                reads.get(
                    "a",
                    () -> {
                      begun.incrementAndGet();
                      firstIsReading.countDown();
                      await(firstMayEnd);
                      return 1L;
                    }));
    firstIsReading.await();

    CountDownLatch asked = new CountDownLatch(50);
    List<Future<Long>> later = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      later.add(
          callers.submit(
              () -> {
                asked.countDown();
                return reads.get("a", () -> (long) begun.incrementAndGet());
              }));
    }
    asked.await();
    firstMayEnd.countDown();

    assertThat(first.get()).isEqualTo(1);
    for (Future<Long> one : later) {
      assertThat(one.get()).isGreaterThanOrEqualTo(2);
    }
  }

  @Test
  void nobodyGetsWhatWasReadBeforeTheyAsked() throws Exception {
    AtomicLong clock = new AtomicLong();
    AtomicInteger atOnce = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger count = new AtomicInteger();
    List<Future<Boolean>> all = new ArrayList<>();
    for (int caller = 0; caller < 16; caller++) {
      all.add(
          callers.submit(
              () -> {
                boolean fresh = true;
                for (int i = 0; i < 2_000; i++) {
                  long asked = clock.incrementAndGet();
                  long began =
                      reads.get(
                          "a",
                          () -> {
                            most.accumulateAndGet(atOnce.incrementAndGet(), Math::max);
                            count.incrementAndGet();
                            long now = clock.incrementAndGet();
                            Thread.yield();
                            atOnce.decrementAndGet();
                            return now;
                          });
                  fresh &= began > asked;
                }
                return fresh;
              }));
    }

    for (Future<Boolean> one : all) {
      assertThat(one.get()).isTrue();
    }
    assertThat(most).hasValue(1);
    assertThat(count.get()).isLessThan(32_000);
  }

  @Test
  void aFailureIsThatOfAllWhoShareItAndOfNobodyElse() {
    assertThatThrownBy(
            () ->
                reads.get(
                    "a",
                    () -> {
                      throw new IllegalStateException("broken");
                    }))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("broken");

    assertThat(reads.get("a", () -> 2L)).isEqualTo(2);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
