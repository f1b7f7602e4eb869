package dev.pgseal.job;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import java.util.Map;

/** A problem as a job records it: an RFC 9457 object without an HTTP status. */
public record JobProblem(ProblemType type, String detail, Map<String, Object> members) {

  public static JobProblem of(PgsealException e) {
    return new JobProblem(e.type(), e.detail(), e.members());
  }
}
