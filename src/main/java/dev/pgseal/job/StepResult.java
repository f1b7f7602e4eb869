package dev.pgseal.job;

import java.util.Map;

/**
 * How a step went.
 *
 * @param observed what was seen from outside; plain JSON
 */
public record StepResult(Outcome outcome, Map<String, Object> observed) {

  /** Where the step leaves its job. */
  public enum Outcome {
    DONE,
    /** It was already so. */
    SKIPPED,
    /** Somebody has to say {@code :continue}, or to approve; then the step runs again. */
    WAITING
  }

  public static StepResult done(Map<String, Object> observed) {
    return new StepResult(Outcome.DONE, observed);
  }

  /** The server was already so. */
  public static StepResult skipped(Map<String, Object> observed) {
    return new StepResult(Outcome.SKIPPED, observed);
  }

  public static StepResult waiting(Map<String, Object> observed) {
    return new StepResult(Outcome.WAITING, observed);
  }
}
