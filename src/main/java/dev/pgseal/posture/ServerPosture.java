package dev.pgseal.posture;

import dev.pgseal.tls.SslState;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * A server of the fleet in one line.
 *
 * @param grade {@code UNKNOWN} before the first scan
 * @param plaintextSessions null when that is not known, which is not zero
 * @param certificateNotAfter null when none was served
 * @param findings each kind once, the worst first
 * @param scannedAt null before the first scan
 */
@Schema(name = "ServerPosture")
public record ServerPosture(
    String server,
    Map<String, String> labels,
    Grade grade,
    SslState.Mode mode,
    boolean reachable,
    @Nullable Integer plaintextSessions,
    @Nullable Instant certificateNotAfter,
    List<FindingCode> findings,
    @Nullable Instant scannedAt) {

  public ServerPosture {
    labels = Map.copyOf(labels);
    findings = List.copyOf(findings);
  }
}
