package dev.pgseal.rollout;

import java.time.Duration;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * How the clients of a server are observed while TLS is offered and not enforced yet.
 *
 * @param quietFor it is over when nobody has come in plaintext for so long; 5 s by default, and
 *     nothing is waited for where no plaintext session is there at all and this is not given. Zero
 *     looks once and ends nobody
 * @param deadline it lasts at most so long; 30 s by default, but not less than {@code quietFor}
 * @param onPlaintext what follows when somebody is found who will be refused; {@code PAUSE} by
 *     default
 */
public record Observation(
    @Nullable Duration quietFor, @Nullable Duration deadline, @Nullable OnPlaintext onPlaintext) {

  public static final Observation DEFAULT = new Observation(null, null, null);

  private static final Duration QUIET = Duration.ofSeconds(5);
  private static final Duration LIMIT = Duration.ofSeconds(30);

  /** What follows when clients are found that will be refused. */
  @Schema(name = "OnPlaintext")
  public enum OnPlaintext {
    /** The rollout goes on; they are named in its job. */
    PASS,
    /** It waits for {@code :continue} or {@code :cancel}. */
    PAUSE,
    /** It takes back what it did. */
    FAIL
  }

  Duration quiet() {
    return quietFor == null ? QUIET : quietFor;
  }

  Duration limit() {
    if (deadline != null) {
      return deadline;
    }
    return quiet().compareTo(LIMIT) > 0 ? quiet() : LIMIT;
  }

  OnPlaintext gate() {
    return onPlaintext == null ? OnPlaintext.PAUSE : onPlaintext;
  }
}
