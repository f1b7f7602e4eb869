package dev.pgseal.job;

import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a step went.
 *
 * @param observed what was seen from outside; plain JSON
 * @param pause only of {@code LATER}: how long the step cannot go on
 */
public record StepResult(Outcome outcome, Map<String, Object> observed, @Nullable Duration pause) {

  /** Where the step leaves its job. */
  public enum Outcome {
    DONE,
    /** It was already so. */
    SKIPPED,
    /** Somebody has to say {@code :continue}, or to approve; then the step runs again. */
    WAITING,
    /** Some time has to pass; then the step runs again. Nothing is held meanwhile. */
    LATER
  }

  /** The step is not over: its job is left to somebody's word, or to a time. */
  public boolean waits() {
    return outcome == Outcome.WAITING || outcome == Outcome.LATER;
  }

  public static StepResult done(Map<String, Object> observed) {
    return new StepResult(Outcome.DONE, observed, null);
  }

  /** The server was already so. */
  public static StepResult skipped(Map<String, Object> observed) {
    return new StepResult(Outcome.SKIPPED, observed, null);
  }

  public static StepResult waiting(Map<String, Object> observed) {
    return new StepResult(Outcome.WAITING, observed, null);
  }

  /** See {@link JobExecution#runAgain}. */
  public static StepResult later(Map<String, Object> observed, Duration pause) {
    return new StepResult(Outcome.LATER, observed, pause);
  }
}
