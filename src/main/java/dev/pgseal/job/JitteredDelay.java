package dev.pgseal.job;

import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.schedule.Schedule;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;

/** A fixed delay and a random part of a jitter. */
final class JitteredDelay implements Schedule {

  private final Duration delay;
  private final Duration jitter;

  JitteredDelay(Duration delay, Duration jitter) {
    this.delay = delay;
    this.jitter = jitter;
  }

  @Override
  public Instant getNextExecutionTime(ExecutionComplete complete) {
    return complete.getTimeDone().plus(wait(jitter));
  }

  /** After a start at once, or as soon as the jitter lets it. */
  @Override
  public Instant getInitialExecutionTime(Instant now) {
    return now.plus(wait(jitter).minus(delay));
  }

  @Override
  public boolean isDeterministic() {
    return false;
  }

  private Duration wait(Duration most) {
    long millis = most.toMillis();
    return delay.plusMillis(millis == 0 ? 0 : ThreadLocalRandom.current().nextLong(millis));
  }
}
