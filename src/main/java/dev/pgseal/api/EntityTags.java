package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import org.jspecify.annotations.Nullable;

/** Strong entity tags (RFC 9110 §8.8.3) of resources that are changed conditionally. */
final class EntityTags {

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
}
