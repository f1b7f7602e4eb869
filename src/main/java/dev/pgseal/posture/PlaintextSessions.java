package dev.pgseal.posture;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.ServerConnection;
import java.util.List;
import java.util.function.Predicate;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Sessions over TCP without encryption, pgseal's own left out.
 *
 * @param count null when not all sessions can be seen into: unknown is not zero
 * @param seen those that are known to be in plaintext
 * @param excepted those from loopback that the enforcement was asked to spare and that the rules
 *     admit; they count neither as {@code seen} nor in {@code count}
 * @param hidden sessions that our role may not see into; null when none could be listed
 */
@Schema(name = "PlaintextSessions")
@JsonIgnoreProperties(ignoreUnknown = true)
public record PlaintextSessions(
    @Nullable Integer count, int seen, int excepted, @Nullable Integer hidden) {

  static final PlaintextSessions UNKNOWN = new PlaintextSessions(null, 0, 0, null);

  /**
   * @param refused the sessions in plaintext that are not spared
   */
  static PlaintextSessions of(
      List<ServerConnection> sessions, Predicate<ServerConnection> refused) {
    int seen = 0;
    int excepted = 0;
    int hidden = 0;
    for (ServerConnection session : sessions) {
      if (session.encryption() == Encryption.UNKNOWN) {
        hidden++;
      } else if (session.encryption() == Encryption.PLAINTEXT && !session.ofPgseal()) {
        if (refused.test(session)) {
          seen++;
        } else {
          excepted++;
        }
      }
    }
    return new PlaintextSessions(hidden > 0 ? null : seen, seen, excepted, hidden);
  }
}
