package dev.pgseal.posture;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.pgseal.postgres.Encryption;
import dev.pgseal.postgres.ServerConnection;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * Sessions over TCP without encryption, pgseal's own left out.
 *
 * @param count null when not all sessions can be seen into: unknown is not zero
 * @param seen those that are known to be in plaintext
 * @param hidden sessions that our role may not see into; null when none could be listed
 */
@Schema(name = "PlaintextSessions")
@JsonIgnoreProperties(ignoreUnknown = true)
public record PlaintextSessions(@Nullable Integer count, int seen, @Nullable Integer hidden) {

  static final PlaintextSessions UNKNOWN = new PlaintextSessions(null, 0, null);

  static PlaintextSessions of(List<ServerConnection> sessions) {
    int seen = 0;
    int hidden = 0;
    for (ServerConnection session : sessions) {
      if (session.encryption() == Encryption.UNKNOWN) {
        hidden++;
      } else if (session.encryption() == Encryption.PLAINTEXT && !session.ofPgseal()) {
        seen++;
      }
    }
    return new PlaintextSessions(hidden > 0 ? null : seen, seen, hidden);
  }
}
