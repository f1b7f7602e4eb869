package dev.pgseal.hba;

import java.util.Arrays;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Hides passwords and shared secrets in pieces of pg_hba.conf that go further than the file itself:
 * into problems, jobs and their events, logs.
 *
 * <p>What follows the name of a secret is hidden to the end of its logical line: where the value
 * ends depends on quotes and commas (hba.c:next_token), and text that is cut short may have lost
 * them.
 */
final class HbaMask {

  /** A quote may stand between any two characters of a token; *+ as * would recurse. */
  private static final Pattern SECRET =
      Pattern.compile(
          "((?:"
              + HbaOption.SECRETS.stream()
                  .sorted()
                  .map(HbaMask::withQuotes)
                  .collect(Collectors.joining("|"))
              + ")\"*=)((?:\\\\\\r?\\n|[^\\n])*+)");

  private HbaMask() {}

  /** The same text, of one line or of many, continued lines still as many as they were. */
  static String of(String text) {
    return SECRET.matcher(text).replaceAll(HbaMask::masked);
  }

  private static String masked(MatchResult secret) {
    String hidden =
        secret.group(2).lines().map(line -> HbaOption.MASK).collect(Collectors.joining("\\\n"));
    return Matcher.quoteReplacement(secret.group(1) + hidden);
  }

  private static String withQuotes(String name) {
    return Arrays.stream(name.split("")).collect(Collectors.joining("\"*"));
  }
}
