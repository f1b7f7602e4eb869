package dev.pgseal.tls;

import dev.pgseal.postgres.PostgresConnector;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.postgres.ServerFacts;
import dev.pgseal.postgres.ServerFactsReader;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.server.LoginTarget;
import io.quarkus.arc.DefaultBean;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.List;

/** {@link ServerInspection} by {@link ServerFacts} of a fresh session. */
@ApplicationScoped
@DefaultBean
class FactsInspection implements ServerInspection {

  /** The oldest major that the PostgreSQL project still mends. */
  private static final int OLDEST_MAJOR = 14;

  private final PostgresConnector connector;
  private final ServerFactsReader facts;

  FactsInspection(PostgresConnector connector, ServerFactsReader facts) {
    this.connector = connector;
    this.facts = facts;
  }

  @Override
  public ServerReport inspect(LoginTarget target) {
    try (PostgresSession session = connector.open(target)) {
      if (session.major() < OLDEST_MAJOR) {
        throw new PgsealException(
                ProblemType.UNSUPPORTED_SERVER,
                "%s runs PostgreSQL %d; pgseal manages %d and newer"
                    .formatted(session.server(), session.major(), OLDEST_MAJOR))
            .with("major", session.major());
      }
      return report(facts.read(session), session.encrypted());
    }
  }

  private static ServerReport report(ServerFacts facts, boolean encrypted) {
    return new ServerReport(
        facts.version(),
        facts.major(),
        facts.inRecovery(),
        encrypted,
        facts.superuser(),
        facts.missingPrivileges(),
        facts.sslLibrary(),
        facts.dataDirectory(),
        facts.hbaFile(),
        facts.systemIdentifier(),
        warnings(facts));
  }

  private static List<String> warnings(ServerFacts facts) {
    List<String> warnings = new ArrayList<>();
    if (!facts.builtWithSsl()) {
      warnings.add("This PostgreSQL was built without SSL: it cannot serve TLS");
    }
    if (!facts.missingPrivileges().isEmpty()) {
      warnings.add(
          "The role " + facts.role() + " lacks privileges: see missingPrivileges for the grants");
    }
    if (facts.managedBy() != null) {
      warnings.add(facts.managedBy() + " owns the configuration files and may undo changes");
    }
    return warnings;
  }
}
