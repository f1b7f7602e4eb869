package dev.pgseal.tls;

import java.time.Duration;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.hibernate.validator.constraints.time.DurationMax;
import org.hibernate.validator.constraints.time.DurationMin;
import org.jspecify.annotations.Nullable;

/**
 * Whether the server itself takes new rules back that nobody confirms.
 *
 * @param within time from before the write until everything is proved; the previous rules come back
 *     when it is over. One minute when null
 * @param off no watcher at all: rules that lock everybody out stay if pgseal is lost in that moment
 */
public record ConfirmOrRevert(
    @Nullable
        @DurationMin(seconds = 10, message = "must be at least PT10S")
        @DurationMax(hours = 1, message = "must be at most PT1H")
        @Schema(
            description =
                "how long the server waits for the proof of new rules before it takes them back by"
                    + " itself, ISO-8601, one minute when absent",
            examples = "PT1M")
        Duration within,
    @Nullable
        @Schema(
            description =
                "true: the server does not take unconfirmed rules back; nobody can connect if they"
                    + " lock everybody out and pgseal is lost in that moment")
        Boolean off) {

  public static final ConfirmOrRevert DEFAULT = new ConfirmOrRevert(null, null);

  private static final Duration DEFAULT_WITHIN = Duration.ofMinutes(1);

  Duration time() {
    return within == null ? DEFAULT_WITHIN : within;
  }

  boolean armed() {
    return !Boolean.TRUE.equals(off);
  }
}
