package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Strong entity tags (RFC 9110 §8.8.3) and {@code If-Match} (§13.1.1). */
final class ETags {

  private ETags() {}

  static String of(Object version) {
    return "\"" + version + "\"";
  }

  /**
   * @param ifMatch the header; null admits everything
   * @throws PgsealException {@code PRECONDITION_FAILED}
   */
  static void requireMatch(@Nullable String ifMatch, Object version) {
    if (ifMatch == null || ifMatch.strip().equals("*")) {
      return;
    }
    String current = of(version);
    if (Arrays.stream(ifMatch.split(",")).map(String::strip).noneMatch(current::equals)) {
      throw new PgsealException(
              ProblemType.PRECONDITION_FAILED, "It has changed since: its ETag is now " + current)
          .hint("Read it again and repeat the change with the new ETag")
          .with("etag", current);
    }
  }
}
