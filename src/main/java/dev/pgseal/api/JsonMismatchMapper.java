package dev.pgseal.api;

import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import io.quarkiverse.resteasy.problem.ExceptionMapperBase;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.ext.Provider;

/** In place of Quarkus' own mapper for this class, which answers 400 without a body. */
@Provider
public class JsonMismatchMapper extends ExceptionMapperBase<MismatchedInputException> {

  @Override
  protected HttpProblem toProblem(MismatchedInputException e) {
    return PgsealExceptionMapper.problem(JsonProblems.of(e));
  }
}
