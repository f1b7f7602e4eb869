package dev.pgseal.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import io.quarkiverse.resteasy.problem.ExceptionMapperBase;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.annotation.Priority;
import jakarta.ws.rs.Priorities;
import jakarta.ws.rs.ext.Provider;

/**
 * JSON bodies that cannot be read. One mapper for each class that the problem extension has one
 * for, too, because the nearest class wins; theirs quote the body.
 */
final class JsonExceptionMappers {

  private static final int BEFORE_THE_EXTENSION = Priorities.USER - 1000;

  private JsonExceptionMappers() {}

  @Provider
  @Priority(BEFORE_THE_EXTENSION)
  public static class Json extends ExceptionMapperBase<JsonProcessingException> {
    @Override
    protected HttpProblem toProblem(JsonProcessingException e) {
      return PgsealExceptionMapper.problem(JsonProblems.of(e));
    }
  }

  @Provider
  @Priority(BEFORE_THE_EXTENSION)
  public static class Mismatch extends ExceptionMapperBase<MismatchedInputException> {
    @Override
    protected HttpProblem toProblem(MismatchedInputException e) {
      return PgsealExceptionMapper.problem(JsonProblems.of(e));
    }
  }

  @Provider
  @Priority(BEFORE_THE_EXTENSION)
  public static class Format extends ExceptionMapperBase<InvalidFormatException> {
    @Override
    protected HttpProblem toProblem(InvalidFormatException e) {
      return PgsealExceptionMapper.problem(JsonProblems.of(e));
    }
  }

  @Provider
  @Priority(BEFORE_THE_EXTENSION)
  public static class UnknownField extends ExceptionMapperBase<UnrecognizedPropertyException> {
    @Override
    protected HttpProblem toProblem(UnrecognizedPropertyException e) {
      return PgsealExceptionMapper.problem(JsonProblems.of(e));
    }
  }
}
