package dev.pgseal.rollout;

import dev.pgseal.job.StepResult;
import dev.pgseal.job.StepRunner;
import dev.pgseal.problem.PgsealException;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * What a step that looks again and again does while its server is away for a moment, or held by
 * another operation: it looks later. A restart in the middle of a long wait is no reason to take
 * everything back.
 */
final class Patience {

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(5);

  private Patience() {}

  /**
   * @param until not beyond this
   * @return {@code LATER} with what is known already
   * @throws PgsealException {@code e}, when it does not pass by itself or it is too late
   */
  static StepResult later(StepContext<?> context, PgsealException e, Instant until) {
    if (!StepRunner.passes(e) || Instant.now().isAfter(until)) {
      throw e;
    }
    context.note("the server is looked at again later", Map.of("reason", e.detail()));
    return StepResult.later(context.step().observed(), LOOK_AGAIN);
  }
}
