package dev.pgseal.hba;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A regular expression of PostgreSQL 16 and later in a database or user list: PostgreSQL's ARE
 * dialect, C collation, over bytes, not anchored (hba.c, regcomp_auth_token).
 *
 * <p>Its syntax is checked as PostgreSQL does. It is executed only when it stays within what means
 * the same to {@link java.util.regex}: literals, {@code .}, anchors, groups, alternatives,
 * quantifiers, bracket expressions and the class escapes. Back references, lookaround, word
 * boundaries and embedded options are not: their answer is {@link Match#UNKNOWN}.
 */
final class PostgresRegex {

  /** Characters looked at before a search is given up; names have at most 63. */
  private static final int STEPS = 200_000;

  private final @Nullable String fault;
  private final @Nullable Pattern pattern;

  private PostgresRegex(@Nullable String fault, @Nullable Pattern pattern) {
    this.fault = fault;
    this.pattern = pattern;
  }

  /**
   * @param source byte text behind the leading slash
   */
  static PostgresRegex compile(String source) {
    try {
      String java = new RegexTranslator(source).translate();
      return new PostgresRegex(null, java == null ? null : Pattern.compile(java, Pattern.DOTALL));
    } catch (RegexFault refused) {
      return new PostgresRegex(refused.getMessage(), null);
    }
  }

  /** Why PostgreSQL refuses it (regerrs.h), or null. */
  @Nullable String fault() {
    return fault;
  }

  Match find(String name) {
    return find(name, new Effort(STEPS));
  }

  /**
   * The same where many expressions share an effort.
   *
   * @param effort looks at characters that are left
   */
  Match find(String name, Effort effort) {
    if (pattern == null || effort.exhausted()) {
      return Match.UNKNOWN;
    }
    int[] left = {STEPS};
    try {
      return pattern.matcher(new Counted(name, left)).find() ? Match.YES : Match.NO;
    } catch (TooManySteps | StackOverflowError hostile) {
      return Match.UNKNOWN;
    } finally {
      effort.spend(STEPS - Math.max(left[0], 0));
    }
  }

  /** A text that ends a search after a number of looks, since java.util.regex has no limit. */
  private record Counted(String text, int[] left) implements CharSequence {

    @Override
    public char charAt(int index) {
      if (left[0]-- <= 0) {
        throw new TooManySteps();
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Counted(text.substring(start, end), left);
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private static final class TooManySteps extends RuntimeException {
    private static final long serialVersionUID = 1L;

    TooManySteps() {
      super(null, null, false, false);
    }
  }
}
