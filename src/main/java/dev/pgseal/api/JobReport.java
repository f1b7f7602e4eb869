package dev.pgseal.api;

import dev.pgseal.job.JobState;
import dev.pgseal.job.StepState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/** What a job did, for those who have to keep it: made of what the job recorded, step by step. */
@Schema(name = "JobReport")
public record JobReport(
    UUID job,
    @Schema(examples = "rollout") String kind,
    @Schema(description = "While it has not ended the report is of what was done so far")
        JobState state,
    @Schema(description = "In a sentence", examples = "2 of 2 servers proved") String summary,
    @Schema(description = "The token that asked for it", examples = "bootstrap") String requestedBy,
    @Schema(examples = "oidc:ann") @Nullable String approvedBy,
    @Nullable Instant approvedAt,
    @Nullable String cancelledBy,
    Times times,
    @Schema(description = "When the last server was proved; absent unless all were")
        @Nullable Instant provedAt,
    List<ServerReport> servers,
    @Schema(description = "Steps that are about no single server, or are jobs themselves")
        List<StepReport> otherSteps,
    @Schema(description = "Each change of the job's state, with whoever is behind it")
        List<Transition> transitions,
    @Schema(description = "Why it failed") @Nullable Problem problem) {

  /** How long it took. */
  @Schema(name = "JobReportTimes")
  public record Times(
      Instant createdAt,
      @Nullable Instant startedAt,
      @Nullable Instant finishedAt,
      @Schema(description = "From createdAt until it ended, or until now", examples = "34.201")
          double totalSeconds,
      @Schema(description = "Of these: it waited for a person", examples = "20.5")
          double waitingForAPersonSeconds) {}

  /** A change of the job's state. */
  @Schema(name = "JobReportTransition")
  public record Transition(Instant time, JobState state, String actor) {}

  /** What became of one server. */
  @Schema(name = "JobReportServer")
  public record ServerReport(
      String server,
      @Schema(description = "UNDONE: as it was before, and seen so") Outcome outcome,
      @Schema(description = "The mode that was seen from outside", examples = "ENFORCED")
          @Nullable String mode,
      @Nullable Instant provedAt,
      @Nullable CertificateEvidence certificate,
      List<RulesEvidence> rules,
      @Nullable SessionsEvidence sessions,
      @Schema(description = "Plaintext logins that were tried from outside, with the answers")
          List<ProbeEvidence> probes,
      @Nullable StreamEvidence replication,
      @Schema(description = "Standbys that nobody named and whose plaintext streams were ended")
          List<String> unregisteredStandbys,
      @Schema(description = "What else the job noticed, such as a key that another node has")
          List<String> remarks,
      List<StepReport> steps) {}

  /** How it ended for a server. */
  @Schema(name = "JobReportOutcome")
  public enum Outcome {
    /** Every step was done, and seen from outside. */
    PROVED,
    UNDONE,
    /** A step failed; what was done before it could not be taken back, or there was no need to. */
    FAILED,
    UNFINISHED
  }

  /** The certificate that it got, or had. */
  @Schema(name = "JobReportCertificate")
  public record CertificateEvidence(
      @Schema(description = "SHA-256 of the certificate that a handshake showed, hex")
          @Nullable String fingerprint,
      @Nullable List<String> subjectAltNames,
      @Nullable Instant notAfter,
      @Schema(examples = "ON_SERVER") @Nullable String keyOrigin,
      @Schema(examples = "TLSv1.3") @Nullable String protocol,
      @Schema(description = "Whether this job put it there") boolean installed) {}

  /** A change of pg_hba.conf. */
  @Schema(name = "JobReportRules")
  public record RulesEvidence(
      @Schema(description = "Unified, before and after; secrets are masked") String diff,
      @Schema(description = "Of the file that was written") @Nullable String sha256,
      List<String> remarks) {}

  /** Sessions by their encryption. */
  @Schema(name = "JobReportSessions")
  public record SessionsEvidence(
      @Schema(examples = "{\"PLAINTEXT\": 7, \"TLS\": 1}") Map<String, Object> before,
      @Schema(examples = "{\"TLS\": 8}") Map<String, Object> after) {}

  /** An answer to a login that was tried. */
  @Schema(name = "JobReportProbe")
  public record ProbeEvidence(
      @Schema(examples = "plaintextReplicationLogin") String probe,
      @Schema(examples = "28000 no pg_hba.conf entry for replication connection …")
          String answer) {}

  /** The stream from its upstream. */
  @Schema(name = "JobReportStream")
  public record StreamEvidence(
      @Schema(examples = "verify-full") @Nullable String sslmode,
      @Nullable String host,
      @Schema(description = "Why not verify-full, say") @Nullable String remark,
      @Schema(description = "What was proved before the old stream ended") List<String> tried) {}

  /** A step with all that was seen. */
  @Schema(name = "JobReportStep")
  public record StepReport(
      int position,
      @Schema(examples = "ENABLE_SSL") String kind,
      String description,
      StepState state,
      @Nullable Instant startedAt,
      @Nullable Instant finishedAt,
      @Schema(description = "Absent while it has not ended", examples = "0.412")
          @Nullable Double tookSeconds,
      Map<String, Object> observed,
      @Nullable Problem problem) {}
}
