package dev.pgseal.tls;

import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.hba.HbaDecision;
import dev.pgseal.hba.Transport;
import dev.pgseal.postgres.PostgresSession;
import dev.pgseal.server.ManagedServer;
import jakarta.enterprise.context.ApplicationScoped;
import org.jspecify.annotations.Nullable;

/** Conversions and questions about a server's rules, as single requests. */
@ApplicationScoped
public class HbaConversions {

  private final ServerAccess access;
  private final ServerChange changes;
  private final RulesConversion conversion;
  private final RulesChange rules;
  private final HbaHistory history;
  private final ExemptionStore exemptions;
  private final HbaLoader loader;
  private final AdmissionForecast forecast;

  public HbaConversions(
      ServerAccess access,
      ServerChange changes,
      RulesConversion conversion,
      RulesChange rules,
      HbaHistory history,
      ExemptionStore exemptions,
      HbaLoader loader,
      AdmissionForecast forecast) {
    this.access = access;
    this.changes = changes;
    this.conversion = conversion;
    this.rules = rules;
    this.history = history;
    this.exemptions = exemptions;
    this.loader = loader;
    this.forecast = forecast;
  }

  /** What {@link #convert} would do now. */
  public RulesConversion.Plan plan(
      ManagedServer server, RulesConversion.Direction direction, ConversionOptions options) {
    try (PostgresSession session = access.fresh(server)) {
      return plan(server, session, direction, options);
    }
  }

  /** Converts, proves it, and records the edits. */
  public RulesConversion.Plan convert(
      ManagedServer server,
      RulesConversion.Direction direction,
      ConversionOptions options,
      String caller) {
    return changes.run(
        server,
        caller,
        "POST hba:convert",
        change -> {
          RulesConversion.Plan plan = plan(server, change.session(), direction, options);
          rules.apply(
              change,
              conversion.prepare(change, plan),
              direction == RulesConversion.Direction.ENFORCE
                  ? HbaNote.enforced(caller, plan.edits())
                  : HbaNote.relaxed(caller),
              ConfirmOrRevert.DEFAULT);
          exemptions.set(server.id(), plan.exemptions());
          return plan;
        });
  }

  private RulesConversion.Plan plan(
      ManagedServer server,
      PostgresSession session,
      RulesConversion.Direction direction,
      ConversionOptions options) {
    if (direction == RulesConversion.Direction.ENFORCE) {
      return conversion.planEnforce(session, options);
    }
    HbaHistory.Standing standing = history.standing(server);
    return conversion.planRelax(session, standing.edits(), !standing.conversion());
  }

  /** What the file as it lies there says to a connection. */
  public HbaDecision evaluate(
      ManagedServer server,
      @Nullable String clientAddress,
      @Nullable Transport transport,
      String database,
      String username,
      boolean physicalReplication) {
    try (PostgresSession session = access.borrow(server)) {
      return forecast.decide(
          session,
          loader.load(session).document(),
          clientAddress,
          transport,
          database,
          username,
          physicalReplication);
    }
  }
}
