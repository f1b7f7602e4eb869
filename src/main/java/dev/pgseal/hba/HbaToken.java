package dev.pgseal.hba;

/**
 * One word of a list.
 *
 * @param text byte text without its quotes
 * @param quoted a quote came before the first character: keywords, a leading {@code +} and a
 *     leading {@code @} then lose their meaning (a leading {@code /} does not)
 */
public record HbaToken(String text, boolean quoted) {

  /** token_is_keyword of hba.c: quoted words are names. */
  boolean isKeyword(String word) {
    return !quoted && text.equals(word);
  }

  boolean isMembership() {
    return !quoted && text.startsWith("+");
  }

  /** A regular expression, from 16 on (quotes do not matter). */
  boolean isRegex(HbaDialect dialect) {
    return dialect.hasIncludesAndRegexes() && text.startsWith("/");
  }
}
