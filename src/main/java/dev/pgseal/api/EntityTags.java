package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Entity tags (RFC 9110 §8.8.3) and the conditions that name them. */
final class EntityTags {

  private static final Pattern ONE = Pattern.compile("(?:W/)?(\"[^\"]*\")|(\\*)");

  private EntityTags() {}

  static String quote(String tag) {
    return '"' + tag + '"';
  }

  /**
   * The tag in {@code If-Match}, unquoted.
   *
   * @throws PgsealException {@code PRECONDITION_REQUIRED} without one (RFC 6585 §3), {@code
   *     BAD_REQUEST} for a list, a weak tag or {@code *}: the caller must say what it read
   */
  static String required(@Nullable String ifMatch) {
    if (ifMatch == null || ifMatch.isBlank()) {
      throw new PgsealException(
              ProblemType.PRECONDITION_REQUIRED, "This change needs an If-Match header")
          .hint("Send If-Match with the ETag of the version that you read");
    }
    String tag = ifMatch.strip();
    if (tag.length() < 2 || !tag.startsWith("\"") || tag.indexOf('"', 1) != tag.length() - 1) {
      throw new PgsealException(
              ProblemType.BAD_REQUEST, "If-Match must be one strong entity tag in double quotes")
          .hint("Send the ETag header as it was answered, quotes included");
    }
    return tag.substring(1, tag.length() - 1);
  }

  /**
   * Holds a change to the version that the caller read, when it says which (RFC 9110 §13.1.1).
   *
   * @param ifMatch null or {@code *} admits every version
   * @throws PgsealException {@code PRECONDITION_FAILED}
   */
  static void check(@Nullable String ifMatch, Object version) {
    if (ifMatch == null || ifMatch.strip().equals("*")) {
      return;
    }
    String current = quote(version.toString());
    if (Arrays.stream(ifMatch.split(",")).map(String::strip).noneMatch(current::equals)) {
      throw new PgsealException(
              ProblemType.PRECONDITION_FAILED, "It has changed since: its ETag is now " + current)
          .hint("Read it again and repeat the change with the new ETag")
          .with("etag", current);
    }
  }

  /**
   * Whether {@code If-None-Match} names {@code tag}, by weak comparison (RFC 9110 §13.1.2).
   *
   * @param ifNoneMatch every field line; null for none
   */
  static boolean matchesWeakly(@Nullable List<String> ifNoneMatch, String tag) {
    if (ifNoneMatch == null) {
      return false;
    }
    String opaque = tag.startsWith("W/") ? tag.substring(2) : tag;
    return ONE.matcher(String.join(",", ifNoneMatch))
        .results()
        .anyMatch(found -> found.group(2) != null || opaque.equals(found.group(1)));
  }
}
