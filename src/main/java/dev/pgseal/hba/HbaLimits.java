package dev.pgseal.hba;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;

/**
 * What the engine takes at most, so that a hostile text is answered in bounded memory and time. Far
 * above any real file; PostgreSQL itself has no such limits.
 */
public final class HbaLimits {

  public static final int FILE_BYTES = 16 << 20;
  public static final int LINE_BYTES = 1 << 20;

  /** Bytes read for one tree, counting a file as often as it is included. */
  public static final int TREE_BYTES = 16 << 20;

  /** Lines of one tree, with comments and empty ones, each file counted once. */
  public static final int TREE_LINES = 500_000;

  /**
   * Words of one tree, with what {@code @file} puts into lists, and a word for each file opened.
   */
  public static final int TREE_WORDS = 1_000_000;

  /** How deep files may refer to files; PostgreSQL 16 and later stop at 10 themselves. */
  public static final int DEPTH = 200;

  /** Bytes of a path that is looked for (MAXPGPATH is 1024). */
  static final int PATH_BYTES = 1023;

  /** Records of a text in a request that is converted: it is held before and after the change. */
  public static final int CONVERTED_RECORDS = 50_000;

  /** Findings of a lint and doors of a proof that are told; the rest is counted. */
  public static final int TOLD = 1_000;

  /** Characters of a sentence about a rule. */
  static final int SENTENCE = 1_000;

  /** Ranges of addresses that a proof keeps in mind. */
  static final int REMEMBERED_RANGES = 200_000;

  /** Steps of one proof, and of the search for unreachable rules; about five seconds. */
  static final long STEPS = 20_000_000;

  /** Looks at characters for all regular expressions that one connection is held against. */
  static final int REGEX_LOOKS = 20_000_000;

  private HbaLimits() {}

  public static PgsealException exceeded(String what, int limit, String file) {
    return new PgsealException(
            ProblemType.PAYLOAD_TOO_LARGE,
            what + " in " + HbaText.shortened(file, 200) + " exceeds " + limit)
        .with("file", HbaText.shortened(file, 200))
        .with("limit", limit)
        .hint("Split the file, or shorten its lists with roles and +role.");
  }
}
