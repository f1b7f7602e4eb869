package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Values of query parameters that are no plain text. Jakarta REST answers 404 for one that it
 * cannot convert (§3.2), which says that the resource is not there.
 */
final class QueryValues {

  private QueryValues() {}

  /**
   * @throws PgsealException {@code BAD_REQUEST} for a value that is none of the names
   */
  static <E extends Enum<E>> @Nullable E oneOf(
      Class<E> type, String parameter, @Nullable String value) {
    if (value == null) {
      return null;
    }
    return Arrays.stream(type.getEnumConstants())
        .filter(known -> known.name().equals(value))
        .findFirst()
        .orElseThrow(
            () ->
                new PgsealException(
                        ProblemType.BAD_REQUEST,
                        parameter + " must be one of " + Arrays.toString(type.getEnumConstants()))
                    .with("parameter", parameter));
  }

  /**
   * @return false when it is absent
   * @throws PgsealException {@code BAD_REQUEST} for what is neither true nor false
   */
  static boolean flag(String parameter, @Nullable String value) {
    if (value == null || value.equals("false")) {
      return false;
    }
    if (value.equals("true")) {
      return true;
    }
    throw new PgsealException(ProblemType.BAD_REQUEST, parameter + " must be true or false")
        .with("parameter", parameter);
  }

  /**
   * @throws PgsealException {@code BAD_REQUEST} for what is no UUID
   */
  static UUID id(String parameter, String value) {
    try {
      return UUID.fromString(value);
    } catch (IllegalArgumentException e) {
      throw new PgsealException(ProblemType.BAD_REQUEST, parameter + " must be a UUID")
          .with("parameter", parameter);
    }
  }

  /**
   * @throws PgsealException {@code BAD_REQUEST} for what is no time with its zone
   */
  static Instant instant(String parameter, String value) {
    try {
      return Rfc3339.parse(value);
    } catch (DateTimeException e) {
      throw new PgsealException(
              ProblemType.BAD_REQUEST, parameter + " must be a time such as 2027-01-31T12:00:00Z")
          .with("parameter", parameter);
    }
  }
}
