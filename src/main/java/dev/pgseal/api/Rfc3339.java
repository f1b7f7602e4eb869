package dev.pgseal.api;

import java.time.DateTimeException;
import java.time.Instant;

/** Times as the OpenAPI document has them ({@code date-time}, RFC 3339 §5.6). */
final class Rfc3339 {

  private static final Instant FIRST = Instant.parse("0000-01-01T00:00:00Z");
  private static final Instant BEHIND_LAST = Instant.parse("+10000-01-01T00:00:00Z");

  private Rfc3339() {}

  /**
   * @throws DateTimeException for what is none; {@code Instant} would take years of more than four
   *     digits, which PostgreSQL cannot store
   */
  static Instant parse(String text) {
    Instant time = Instant.parse(text);
    if (time.isBefore(FIRST) || !time.isBefore(BEHIND_LAST)) {
      throw new DateTimeException("the year has more than four digits");
    }
    return time;
  }
}
