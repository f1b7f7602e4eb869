package dev.pgseal.hba;

import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One word of a list.
 *
 * @param text byte text without its quotes
 * @param quoted a quote came before the first character: keywords, a leading {@code +} and a
 *     leading {@code @} then lose their meaning (a leading {@code /} does not)
 */
public record HbaToken(String text, boolean quoted) {

  /** Words that most lines consist of, and the lists of only one of them, are kept once. */
  private static final Map<String, List<HbaToken>> USUAL =
      Stream.of(
              "local",
              "host",
              "hostssl",
              "hostnossl",
              "hostgssenc",
              "hostnogssenc",
              "all",
              "replication",
              "sameuser",
              "samerole",
              "samehost",
              "samenet",
              "trust",
              "reject",
              "md5",
              "scram-sha-256",
              "password",
              "peer",
              "cert",
              "ldap")
          .collect(
              Collectors.toUnmodifiableMap(
                  Function.identity(), word -> List.of(new HbaToken(word, false))));

  static HbaToken of(String text, boolean quoted) {
    List<HbaToken> usual = quoted ? null : USUAL.get(text);
    return usual == null ? new HbaToken(text, quoted) : usual.get(0);
  }

  /** The list of this token only. */
  List<HbaToken> alone() {
    List<HbaToken> usual = quoted ? null : USUAL.get(text);
    return usual == null ? List.of(this) : usual;
  }

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
