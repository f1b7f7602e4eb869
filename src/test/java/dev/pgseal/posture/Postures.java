package dev.pgseal.posture;

import dev.pgseal.tls.SslState;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** Scans as they might have been. */
public final class Postures {

  private Postures() {}

  /** With these findings, the worst first, and the grade that comes from them. */
  public static PostureScan.Scanned scanned(
      String server, Map<String, String> settings, FindingCode... codes) {
    List<PostureFinding> findings =
        Arrays.stream(codes).map(code -> PostureFinding.of(code, "so it is", "mend it")).toList();
    return new PostureScan.Scanned(
        new Posture(
            server,
            Instant.now().truncatedTo(ChronoUnit.MICROS),
            Grade.of(findings),
            SslState.Mode.ENFORCED,
            !findings.stream().anyMatch(f -> f.code() == FindingCode.UNREACHABLE),
            null,
            List.of(),
            null,
            PlaintextSessions.UNKNOWN,
            ProtocolFloor.UNKNOWN,
            findings),
        settings);
  }
}
