package dev.pgseal.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import io.quarkiverse.resteasy.problem.HttpProblem;
import org.junit.jupiter.api.Test;

class RetryAfterTest {

  @Test
  void whenToComeBackIsAlsoSaidToClientsThatReadHeadersOnly() {
    HttpProblem problem =
        PgsealExceptionMapper.problem(
            new PgsealException(ProblemType.ISSUER_FAULT, "The CA is asked too often")
                .with("retryAfter", "2027-01-31T08:05:09.250Z"));

    assertThat(problem.getHeaders()).containsEntry("Retry-After", "Sun, 31 Jan 2027 08:05:10 GMT");
    assertThat(problem.getParameters()).containsEntry("retryAfter", "2027-01-31T08:05:09.250Z");
  }

  @Test
  void whoMeetsAnotherOperationIsToldWhenToTryAgain() {
    HttpProblem problem =
        PgsealExceptionMapper.problem(
            new PgsealException(ProblemType.OPERATION_IN_PROGRESS, "db1 is being changed"));

    assertThat(problem.getHeaders()).containsEntry("Retry-After", "5");
  }
}
