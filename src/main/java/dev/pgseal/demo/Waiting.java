package dev.pgseal.demo;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits for what can only be seen by looking again. */
final class Waiting {

  private static final Duration PROMPT = Duration.ofMillis(100);

  private Waiting() {}

  /**
   * @throws DemoFailure when {@code condition} is not met in time; what it threw last is the cause
   */
  static void until(String what, Duration atMost, Callable<Boolean> condition) {
    long deadline = System.nanoTime() + atMost.toNanos();
    Exception last = null;
    while (System.nanoTime() < deadline) {
      try {
        if (condition.call()) {
          return;
        }
        last = null;
      } catch (DemoFailure e) {
        throw e;
      } catch (Exception e) {
        last = e;
      }
      LockSupport.parkNanos(PROMPT.toNanos());
    }
    throw new DemoFailure("%s did not come about within %s".formatted(what, atMost), last);
  }
}
