package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The value of {@code Idempotency-Key}. */
final class IdempotencyKeys {

  static final int LONGEST = 255;

  /** A String of RFC 9651 §3.3.3: printable ASCII, quote and backslash escaped. */
  private static final Pattern QUOTED =
      Pattern.compile("\"((?:[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\[\"\\\\]){1,510})\"");

  /** As many clients send it: a UUID or the like, without quotes. */
  private static final Pattern BARE = Pattern.compile("[A-Za-z0-9._~:/+=-]{1," + LONGEST + "}");

  private IdempotencyKeys() {}

  /**
   * @param headers every field line of that name
   * @return the key without quotes
   * @throws PgsealException {@code BAD_REQUEST} unless there is one key of 1 to 255 characters
   */
  static String parse(List<String> headers) {
    if (headers.size() == 1) {
      String header = headers.get(0).strip();
      if (BARE.matcher(header).matches()) {
        return header;
      }
      Matcher quoted = QUOTED.matcher(header);
      if (quoted.matches()) {
        String key = quoted.group(1).replaceAll("\\\\(.)", "$1");
        if (key.length() <= LONGEST) {
          return key;
        }
      }
    }
    throw new PgsealException(
            ProblemType.BAD_REQUEST,
            "Idempotency-Key must be one string of 1 to " + LONGEST + " printable ASCII characters")
        .hint("Such as Idempotency-Key: \"8e03978e-40d5-43dd-bc93-6894a57f9324\"")
        .with("header", IdempotencyFilter.HEADER);
  }
}
