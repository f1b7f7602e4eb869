package dev.pgseal.api;

import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.rollout.ApprovalPolicy;
import dev.pgseal.security.Role;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;

/** Keeps who needs an approval from taking the server's label off first. */
@ApplicationScoped
class ApprovalLabels {

  private final ApprovalPolicy policy;
  private final Caller caller;

  ApprovalLabels(ApprovalPolicy policy, Caller caller) {
    this.policy = policy;
    this.caller = caller;
  }

  /**
   * @throws PgsealException {@code FORBIDDEN}
   */
  void requireKept(Map<String, String> before, Map<String, String> after) {
    if (policy.demands(before) && !policy.demands(after) && !caller.has(Role.ADMIN)) {
      throw new PgsealException(
              ProblemType.FORBIDDEN,
              "Without these labels rollouts of the server would need no approval any more")
          .hint("An admin may take them off");
    }
  }
}
