package dev.pgseal.api;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.JsonMappingException.Reference;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Says what is wrong with a JSON body and where. Never quotes the body and never uses Jackson's own
 * text: both may hold a secret that stands in the wrong place.
 */
final class JsonProblems {

  private JsonProblems() {}

  static PgsealException of(JsonProcessingException e) {
    if (e instanceof UnrecognizedPropertyException unknown) {
      return located(unknownField(unknown), e);
    }
    if (e instanceof MismatchedInputException mismatch) {
      return located(mismatch(mismatch), e);
    }
    if (e instanceof JsonMappingException mapping && !mapping.getPath().isEmpty()) {
      return located(
          new PgsealException(
                  ProblemType.BAD_REQUEST, "The value of " + path(mapping.getPath()) + " is wrong")
              .with("field", path(mapping.getPath())),
          e);
    }
    return located(new PgsealException(ProblemType.BAD_REQUEST, "The body is not valid JSON"), e);
  }

  private static PgsealException unknownField(UnrecognizedPropertyException e) {
    String field = path(e.getPath());
    PgsealException problem =
        new PgsealException(ProblemType.BAD_REQUEST, "There is no field " + field)
            .with("field", field);
    Collection<Object> known = e.getKnownPropertyIds();
    if (known != null) {
      problem.hint(
          "Fields here are "
              + known.stream().map(Object::toString).sorted().collect(Collectors.joining(", ")));
    }
    return problem;
  }

  private static PgsealException mismatch(MismatchedInputException e) {
    if (e.getPath().isEmpty()) {
      return new PgsealException(ProblemType.BAD_REQUEST, "The body must be a JSON object");
    }
    String field = path(e.getPath());
    return new PgsealException(
            ProblemType.BAD_REQUEST, field + " must be " + expected(e.getTargetType()))
        .with("field", field);
  }

  private static String expected(@Nullable Class<?> type) {
    if (type == null) {
      return "of another type";
    }
    if (type.isEnum()) {
      return "one of "
          + Arrays.stream(type.getEnumConstants())
              .map(Object::toString)
              .collect(Collectors.joining(", "));
    }
    if (type == Integer.class || type == int.class || type == Long.class || type == long.class) {
      return "a whole number";
    }
    if (type == Boolean.class || type == boolean.class) {
      return "true or false";
    }
    if (type == String.class) {
      return "a string, without U+0000";
    }
    if (type == Instant.class) {
      return "a time such as 2027-01-31T12:00:00Z";
    }
    if (type == Duration.class) {
      return "a duration such as PT30S";
    }
    return Collection.class.isAssignableFrom(type) ? "an array" : "an object";
  }

  /** Such as {@code endpoints[2]} or {@code labels.env}. */
  private static String path(List<Reference> references) {
    StringBuilder path = new StringBuilder();
    for (Reference reference : references) {
      if (reference.getFieldName() == null) {
        path.append('[').append(reference.getIndex()).append(']');
      } else {
        path.append(path.isEmpty() ? "" : ".").append(reference.getFieldName());
      }
    }
    return path.toString();
  }

  private static PgsealException located(PgsealException problem, JsonProcessingException e) {
    JsonLocation location = e.getLocation();
    if (location != null && location.getLineNr() > 0) {
      problem.with("line", location.getLineNr()).with("column", location.getColumnNr());
    }
    return problem;
  }
}
