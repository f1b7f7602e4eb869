package dev.pgseal.api;

import java.util.Arrays;
import java.util.regex.Pattern;

/** The {@code Accept} header as it came. */
final class AcceptHeader {

  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
  private static final Pattern MEDIA_RANGE = Pattern.compile(TOKEN + "/" + TOKEN + "(?:\\s*;.*)?");

  private AcceptHeader() {}

  /**
   * Whether it lists media ranges (RFC 9110 §12.5.1). One that does not is as good as none; the
   * layers below would fail on it.
   */
  static boolean isSound(String value) {
    return Arrays.stream(value.split(",", -1))
        .allMatch(range -> MEDIA_RANGE.matcher(range.strip()).matches());
  }
}
