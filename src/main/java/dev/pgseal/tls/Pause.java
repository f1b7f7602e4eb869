package dev.pgseal.tls;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.time.Duration;

/** A pause between two looks at a server; ends early when the service shuts down. */
public final class Pause {

  private Pause() {}

  /**
   * @throws PgsealException {@code INTERNAL_ERROR} when the thread is interrupted; it stays so
   */
  public static void of(Duration duration) {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new PgsealException(ProblemType.INTERNAL_ERROR, "Interrupted while waiting", e);
    }
  }
}
