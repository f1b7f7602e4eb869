package dev.pgseal.rollout;

import dev.pgseal.job.JobStep;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.tls.AdmissionForecast;
import dev.pgseal.tls.RulesConversion;
import dev.pgseal.tls.SslState;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What a rollout would do, before it does it.
 *
 * @param steps in order, all {@code PENDING}
 */
public record RolloutPreview(List<JobStep> steps, List<ServerOutlook> servers) {

  /**
   * @param primary the one it streams from, when that is of the rollout
   * @param plaintextSessions those that are there now and would be ended, or moved to TLS
   * @param rules what the conversion of pg_hba.conf would change; null unless {@code ENFORCED}
   */
  @Schema(name = "RolloutServerPlan")
  public record ServerOutlook(
      String server,
      boolean standby,
      @Nullable String primary,
      List<ServerConnection> plaintextSessions,
      @Nullable Rules rules) {}

  /**
   * @param diff unified
   * @param wouldBeRefused live sessions that could not come again as they came
   * @param stillAdmitting rules that would still admit plaintext: the rollout would stop at them
   */
  @Schema(name = "RolloutRulesPlan")
  public record Rules(
      String diff,
      List<String> remarks,
      List<AdmissionForecast.Refusal> wouldBeRefused,
      List<SslState.PlaintextRule> stillAdmitting) {

    static Rules of(RulesConversion.Plan plan) {
      return new Rules(plan.diff(), plan.remarks(), plan.wouldBeRefused(), plan.stillAdmitting());
    }
  }
}
