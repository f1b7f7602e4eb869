package dev.pgseal.hba;

/**
 * How much work a question about a document may take. Steps are counted instead of time, so that
 * the same text gets the same answer on every machine.
 */
final class Effort {

  private long left;

  Effort(long steps) {
    this.left = steps;
  }

  /** Takes that many steps; false when they are not left any more. */
  boolean spend(long steps) {
    left = left < steps ? -1 : left - steps;
    return left >= 0;
  }

  boolean exhausted() {
    return left < 0;
  }
}
