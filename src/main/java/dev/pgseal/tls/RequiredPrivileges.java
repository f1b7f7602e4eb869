package dev.pgseal.tls;

import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerFactsReader;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** What the login of pgseal must be allowed before it changes anything. */
@ApplicationScoped
public class RequiredPrivileges {

  private final ServerFactsReader facts;

  public RequiredPrivileges(ServerFactsReader facts) {
    this.facts = facts;
  }

  /**
   * @throws PgsealException {@code PRIVILEGE_MISSING} with the statements that grant what is
   *     missing
   */
  public void require(PostgresSession session) {
    List<String> missing = facts.missingPrivileges(session);
    if (!missing.isEmpty()) {
      throw new PgsealException(
              ProblemType.PRIVILEGE_MISSING,
              "The login of pgseal lacks privileges: " + String.join("; ", missing))
          .with("missing", missing)
          .hint("Run the statements as a superuser, or register a superuser");
    }
  }
}
