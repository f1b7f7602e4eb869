package dev.pgseal.rollout;

import dev.pgseal.hba.ConversionOptions;
import dev.pgseal.job.JobStep;
import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.ServerConnection;
import dev.pgseal.postgres.Walsender;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.server.ManagedServer;
import dev.pgseal.tls.AdmissionForecast;
import dev.pgseal.tls.RulesConversion;
import dev.pgseal.tls.RulesProof;
import dev.pgseal.tls.SslState;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What a rollout would do, before it does it.
 *
 * @param steps in order, all {@code PENDING}
 * @param rollouts of several clusters: each is a step of its own job; empty for one cluster
 */
public record RolloutPreview(
    List<JobStep> steps, List<ClusterRollout> rollouts, List<ServerOutlook> servers) {

  /**
   * @param wave 1-based
   */
  public record ClusterRollout(int wave, List<String> servers, List<JobStep> steps) {}

  /**
   * @param primary the one it streams from, when that is of the rollout; a standby in a cascade
   * @param plaintextSessions those that are there now and would be ended, or moved to TLS
   * @param rules what the conversion of pg_hba.conf would change; null unless {@code ENFORCED}
   * @param unregisteredStandbys that stream from it and are not of the rollout
   * @param remarks on replication: what a person should know or do
   */
  @Schema(name = "RolloutServerPlan")
  public record ServerOutlook(
      String server,
      boolean standby,
      @Nullable String primary,
      List<ServerConnection> plaintextSessions,
      @Nullable Rules rules,
      List<StandbyOutlook> unregisteredStandbys,
      List<String> remarks) {

    static ServerOutlook unknown(ManagedServer server, PgsealException why) {
      return new ServerOutlook(
          server.name(),
          false,
          null,
          List.of(),
          null,
          List.of(),
          List.of("it cannot be looked at now: " + why.detail()));
    }
  }

  /**
   * A standby that nobody named, as its upstream sees it.
   *
   * @param slotName of the replication slot that it uses; null without one
   */
  @Schema(name = "RolloutUnregisteredStandby")
  public record StandbyOutlook(
      @Nullable String applicationName,
      @Nullable String username,
      @Nullable String clientAddress,
      @Nullable String slotName,
      @Nullable String syncState,
      Encryption encryption) {

    static StandbyOutlook of(Walsender walsender) {
      return new StandbyOutlook(
          walsender.applicationName(),
          walsender.username(),
          walsender.clientAddress(),
          walsender.slotName(),
          walsender.syncState(),
          walsender.encryption());
    }
  }

  /**
   * @param options how the rules are converted
   * @param diff unified
   * @param effect on the sessions that are there now
   * @param wouldBeRefused those of them that could not come again as they came
   * @param proof of the rules as they would be
   * @param stillAdmitting rules that would still admit plaintext outside the exceptions: the
   *     rollout would stop at them
   */
  @Schema(name = "RolloutRulesPlan")
  public record Rules(
      ConversionOptions options,
      String diff,
      List<String> remarks,
      AdmissionForecast.Effect effect,
      List<AdmissionForecast.Refusal> wouldBeRefused,
      RulesProof proof,
      List<SslState.PlaintextRule> stillAdmitting) {

    static Rules of(RulesConversion.Plan plan) {
      return new Rules(
          plan.options(),
          plan.diff(),
          plan.remarks(),
          plan.effect(),
          plan.effect().refused(),
          plan.proof(),
          plan.proof().witnesses());
    }
  }
}
