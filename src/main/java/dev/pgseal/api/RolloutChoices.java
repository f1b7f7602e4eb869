package dev.pgseal.api;

import dev.pgseal.postgres.SessionExclusions;
import dev.pgseal.problem.PgsealException;
import dev.pgseal.problem.ProblemType;
import dev.pgseal.rollout.MaintenanceWindow;
import dev.pgseal.rollout.Observation;
import jakarta.validation.constraints.NotNull;
import jakarta.validation.constraints.Pattern;
import java.time.DateTimeException;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;

/** How a rollout treats the clients of its servers, and when it begins. */
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

  /** When a rollout may begin to change something. */
  @Schema(name = "RolloutMaintenanceWindow")
  public record Window(
      @NotNull
          @Pattern(regexp = TIME, message = "must be a time of day, such as 22:00")
          @Schema(examples = "22:00")
          String start,
      @NotNull
          @Pattern(regexp = TIME, message = "must be a time of day, such as 04:00")
          @Schema(description = "of the next day when it is not after start", examples = "04:00")
          String end,
      @Nullable
          @Schema(
              description = "of the IANA time zone database, UTC when absent",
              examples = "Europe/Berlin")
          String timeZone,
      @Nullable
          @Schema(
              description = "on which it starts, every day when absent",
              examples = "[\"SATURDAY\", \"SUNDAY\"]")
          List<@NotNull DayOfWeek> days) {

    private static final String TIME = "([01][0-9]|2[0-3]):[0-5][0-9]";

    MaintenanceWindow toWindow() {
      if (start.equals(end)) {
        throw new PgsealException(
                ProblemType.VALIDATION_FAILED, "maintenanceWindow ends when it starts: " + start)
            .with("field", "maintenanceWindow.end")
            .hint("For the whole of some days say 00:00 to 23:59; leave it out for any time");
      }
      return new MaintenanceWindow(LocalTime.parse(start), LocalTime.parse(end), zone(), days);
    }

    private @Nullable ZoneId zone() {
      try {
        return timeZone == null ? null : ZoneId.of(timeZone);
      } catch (DateTimeException e) {
        throw new PgsealException(
                ProblemType.VALIDATION_FAILED, "There is no time zone " + timeZone)
            .with("field", "maintenanceWindow.timeZone")
            .hint("Name one of the IANA time zone database, such as Europe/Berlin");
      }
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
