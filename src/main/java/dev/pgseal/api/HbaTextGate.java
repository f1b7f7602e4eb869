package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Lets texts of some megabytes be judged one after another: each takes tens of times its size in
 * memory, and a heap has to be enough for as many as are sent at once.
 */
@ApplicationScoped
class HbaTextGate {

  /** A file of a thousand rules. */
  private static final int SMALL_BYTES = 64 << 10;

  private static final long PATIENCE_SECONDS = 20;
  private static final int RETRY_SECONDS = 10;

  private final Semaphore oneAtATime = new Semaphore(1, true);

  /**
   * @throws PgsealException {@code TOO_MANY_REQUESTS} when others take too long
   */
  <T> T judge(HbaTexts texts, Supplier<T> judging) {
    if (isSmall(texts)) {
      return judging.get();
    }
    enter();
    try {
      return judging.get();
    } finally {
      oneAtATime.release();
    }
  }

  /** One file that is short; several may include each other and become long. */
  private static boolean isSmall(HbaTexts texts) {
    String text = texts.text() == null ? texts.textBase64() : texts.text();
    return text != null && text.length() <= SMALL_BYTES;
  }

  private void enter() {
    try {
      if (oneAtATime.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new PgsealException(
            ProblemType.TOO_MANY_REQUESTS, "Other large texts are being judged; this one was not")
        .with("retryAfterSeconds", RETRY_SECONDS);
  }
}
