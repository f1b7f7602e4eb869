package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import io.quarkiverse.resteasy.problem.ExceptionMapperBase;
import io.quarkiverse.resteasy.problem.HttpProblem;
import jakarta.ws.rs.ext.Provider;
import java.net.URI;

/** Our own refusals as problems. */
@Provider
public class PgsealExceptionMapper extends ExceptionMapperBase<PgsealException> {

  @Override
  protected HttpProblem toProblem(PgsealException e) {
    return problem(e);
  }

  static HttpProblem problem(PgsealException e) {
    HttpProblem.Builder problem =
        HttpProblem.builder()
            .withType(URI.create(e.type().uri()))
            .withTitle(e.type().title())
            .withStatus(e.type().status())
            .withDetail(e.detail());
    e.members().forEach(problem::with);
    return problem.build();
  }
}
