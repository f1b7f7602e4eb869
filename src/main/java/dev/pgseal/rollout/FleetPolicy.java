package dev.pgseal.rollout;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How a rollout goes over several clusters, each of them a primary with its standbys.
 *
 * @param waves in order, each reaching further than the one before; what the last leaves comes in
 *     one more. None: all in one wave
 * @param maxParallel clusters that are changed at a time; {@value #DEFAULT_PARALLEL} by default.
 *     One that waits, for a person or for clients, does not count
 * @param maxFailures clusters that may fail, the others going on; 0 by default
 * @param allowUnreachable whether servers that cannot be looked at when the rollout is planned are
 *     taken for primaries, and left to fail at their turn
 */
public record FleetPolicy(
    @Nullable List<Wave> waves,
    @Nullable Integer maxParallel,
    @Nullable Integer maxFailures,
    @Nullable Boolean allowUnreachable) {

  public static final FleetPolicy DEFAULT = new FleetPolicy(null, null, null, null);
  static final int DEFAULT_PARALLEL = 4;

  public FleetPolicy {
    waves = waves == null || waves.isEmpty() ? null : List.copyOf(waves);
  }

  int parallel() {
    return maxParallel == null ? DEFAULT_PARALLEL : maxParallel;
  }

  int failures() {
    return maxFailures == null ? 0 : maxFailures;
  }

  boolean allowsUnreachable() {
    return Boolean.TRUE.equals(allowUnreachable);
  }

  /** One of everything where none were asked for. */
  List<Wave> allWaves() {
    return waves == null ? List.of(new Wave(null, 100, null)) : waves;
  }

  /**
   * @throws PgsealException {@code VALIDATION_FAILED} naming the field
   */
  public FleetPolicy checked() {
    Wave before = null;
    List<Wave> all = waves == null ? List.of() : waves;
    for (int i = 0; i < all.size(); i++) {
      Wave wave = all.get(i);
      String field = "waves[" + i + "]";
      if ((wave.count() == null) == (wave.percent() == null)) {
        throw invalid(field, "A wave says either count or percent", "Leave one of the two out");
      }
      if (wave.count() != null && wave.count() < 1) {
        throw invalid(field + ".count", "A wave takes on at least one server", "Say 1 or more");
      }
      if (wave.percent() != null && (wave.percent() < 1 || wave.percent() > 100)) {
        throw invalid(field + ".percent", "percent is from 1 to 100", "Say 100 for all servers");
      }
      if (before != null && shrinks(before, wave)) {
        throw invalid(
            field,
            "Waves count from the first server on: each reaches further than the one before",
            "1, 25 %, 100 % is a canary, then a quarter with it, then all");
      }
      before = wave;
    }
    return this;
  }

  private static boolean shrinks(Wave before, Wave wave) {
    if (before.count() != null && wave.count() != null) {
      return wave.count() <= before.count();
    }
    return before.percent() != null && wave.percent() != null && wave.percent() <= before.percent();
  }

  private static PgsealException invalid(String field, String detail, String hint) {
    return new PgsealException(ProblemType.VALIDATION_FAILED, detail)
        .with("field", field)
        .hint(hint);
  }
}
