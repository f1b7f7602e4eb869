package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.security.Refusal;
import io.quarkiverse.resteasy.problem.ExceptionMapperBase;
import io.quarkiverse.resteasy.problem.HttpProblem;
import io.quarkus.security.ForbiddenException;
import jakarta.annotation.Priority;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.container.ResourceInfo;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.ext.Provider;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says which role is missing, as the operation's own annotation has it. */
@Provider
@Priority(ForbiddenMapper.BEFORE_THE_EXTENSIONS)
public class ForbiddenMapper extends ExceptionMapperBase<ForbiddenException> {

  /** Those of quarkus-resteasy-problem have 999; the lower one is taken. */
  static final int BEFORE_THE_EXTENSIONS = 500;

  @Context @Nullable ResourceInfo operation;

  private final Caller caller;

  ForbiddenMapper(Caller caller) {
    this.caller = caller;
  }

  @Override
  protected HttpProblem toProblem(ForbiddenException e) {
    RolesAllowed allowed =
        operation == null || operation.getResourceMethod() == null
            ? null
            : operation.getResourceMethod().getAnnotation(RolesAllowed.class);
    if (allowed == null) {
      return PgsealExceptionMapper.problem(
          new PgsealException(ProblemType.FORBIDDEN, "Nobody is allowed to do this"));
    }
    List<String> roles = List.of(allowed.value());
    Optional<Refusal> refusal = caller.refusal();
    if (refusal.isPresent()) {
      return PgsealExceptionMapper.problem(
          new PgsealException(ProblemType.FORBIDDEN, refusal.get().detail())
              .with("caller", caller.name())
              .with("roles", roles)
              .hint(refusal.get().hint()));
    }
    return PgsealExceptionMapper.problem(
        new PgsealException(
                ProblemType.FORBIDDEN, "It takes the role " + String.join(" or ", roles))
            .with("roles", roles)
            .hint("Use a token that has it, or ask an admin for one: POST /v1/tokens"));
  }
}
