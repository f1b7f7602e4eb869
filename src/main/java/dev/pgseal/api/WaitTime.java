package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** How long a caller is willing to wait for an answer: {@code 30s}, or ISO-8601 {@code PT30S}. */
final class WaitTime {

  static final Duration LONGEST = Duration.ofSeconds(60);

  private static final Pattern SECONDS = Pattern.compile("(\\d{1,4})s");

  private WaitTime() {}

  /**
   * @return zero for null
   * @throws PgsealException {@code BAD_REQUEST} unless 0 to 60 seconds
   */
  static Duration parse(@Nullable String text) {
    if (text == null) {
      return Duration.ZERO;
    }
    try {
      Matcher seconds = SECONDS.matcher(text);
      Duration wait =
          seconds.matches()
              ? Duration.ofSeconds(Long.parseLong(seconds.group(1)))
              : Duration.parse(text);
      if (!wait.isNegative() && wait.compareTo(LONGEST) <= 0) {
        return wait;
      }
    } catch (DateTimeParseException e) {
      // the same answer
    }
    throw new PgsealException(
            ProblemType.BAD_REQUEST, "wait must be a time of at most 60 s, such as 30s or PT30S")
        .with("parameter", "wait");
  }
}
