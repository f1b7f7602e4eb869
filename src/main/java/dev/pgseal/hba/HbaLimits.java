package dev.pgseal.hba;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;

/**
 * What the engine takes at most, so that a hostile text is answered in bounded memory and time. Far
 * above any real file; PostgreSQL itself has no such limits.
 */
final class HbaLimits {

  static final int FILE_BYTES = 16 << 20;
  static final int LINE_BYTES = 1 << 20;

  /** Bytes read for one tree, counting a file as often as it is included. */
  static final int TREE_BYTES = 48 << 20;

  /** Records and words of one tree, with what {@code @file} puts into lists. */
  static final int TREE_WORDS = 4_000_000;

  private HbaLimits() {}

  static PgsealException exceeded(String what, int limit, String file) {
    return new PgsealException(
            ProblemType.PAYLOAD_TOO_LARGE, what + " in " + file + " exceeds " + limit)
        .with("file", file)
        .with("limit", limit)
        .hint("Split the file, or shorten its lists with roles and +role.");
  }
}
