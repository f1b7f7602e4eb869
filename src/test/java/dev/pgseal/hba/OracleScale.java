package dev.pgseal.hba;

import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * How many cases the tests against real servers try: a tenth by default, all with {@code -Pfull}.
 * {@code -Dpgseal.seed=n} replays a run.
 */
final class OracleScale {

  private static final boolean FULL = Boolean.getBoolean("pgseal.full");
  static final long SEED = Long.getLong("pgseal.seed", 20_260_101L);

  private OracleScale() {}

  static boolean full() {
    return FULL;
  }

  static int of(int full) {
    return FULL ? full : full / 10;
  }

  static RandomGenerator random(int major) {
    return RandomGeneratorFactory.of("L64X128MixRandom").create(SEED * 100 + major);
  }
}
