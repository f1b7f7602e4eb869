package dev.pgseal.api;

import dev.pgseal.postgres.SessionExclusions;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.rollout.Observation;
import jakarta.validation.constraints.NotNull;
import java.time.Duration;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;

/** How a rollout treats the clients of its servers. */
final class RolloutChoices {

  private RolloutChoices() {}

  /** How clients are observed before TLS is enforced. */
  @Schema(name = "RolloutObservation")
  public record Observe(
      @Nullable
          @DurationMin(message = "must not be negative")
          @DurationMax(days = 30, message = "must be at most P30D")
          @Schema(
              description =
                  "it is over when nobody has come in plaintext for so long, ISO-8601, 5 s when"
                      + " absent; when absent and no plaintext session is there, nothing is waited"
                      + " for",
              examples = "PT5S")
          Duration quietFor,
      @Nullable
          @DurationMin(message = "must not be negative")
          @DurationMax(days = 30, message = "must be at most P30D")
          @Schema(
              description =
                  "it lasts at most so long, ISO-8601, 30 s or quietFor when absent, whichever is"
                      + " longer",
              examples = "PT30S")
          Duration deadline,
      @Schema(
              description =
                  "what follows when clients are found that will be refused: PASS goes on, PAUSE"
                      + " waits for :continue or :cancel, FAIL takes everything back. PAUSE when"
                      + " absent")
          Observation.@Nullable OnPlaintext onPlaintext) {

    Observation toObservation() {
      if (quietFor != null && deadline != null && quietFor.compareTo(deadline) > 0) {
        throw new PgsealException(
                ProblemType.VALIDATION_FAILED,
                "observe.quietFor is longer than observe.deadline: it could never be quiet for so"
                    + " long")
            .with("field", "observe.deadline")
            .hint("Make deadline at least " + quietFor);
      }
      return new Observation(quietFor, deadline, onPlaintext);
    }
  }

  /** Sessions that are not ended. */
  @Schema(name = "RolloutExclusions")
  public record Exclude(
      @Nullable @Schema(description = "exact", examples = "[\"reporting\"]")
          List<@NotNull String> usernames,
      @Nullable @Schema(description = "exact", examples = "[\"nightly-batch\"]")
          List<@NotNull String> applicationNames,
      @Nullable
          @Schema(
              description = "IP addresses or networks",
              examples = "[\"10.1.2.3\", \"10.8.0.0/16\"]")
          List<@NotNull String> clientAddresses) {

    SessionExclusions toExclusions() {
      return new SessionExclusions(usernames, applicationNames, clientAddresses).checked();
    }
  }
}
