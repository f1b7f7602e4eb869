package dev.pgseal.fuzz;

import java.util.List;
import java.util.Random;

/** Chance that can be repeated. */
final class Draw {

  private final Random random;

  Draw(long seed) {
    random = new Random(seed);
  }

  <T> T from(List<T> values) {
    return values.get(random.nextInt(values.size()));
  }

  boolean percent(int chance) {
    return random.nextInt(100) < chance;
  }

  /** From 0 to one less than the bound. */
  int below(int bound) {
    return random.nextInt(bound);
  }

  String letters(int length) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < length; i++) {
      text.append((char) ('a' + random.nextInt(26)));
    }
    return text.toString();
  }
}
