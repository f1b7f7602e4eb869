package dev.pgseal.posture;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import dev.pgseal.certificate.CertificateDescription;
import dev.pgseal.tls.SslState;
import java.time.Instant;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.jspecify.annotations.Nullable;

/**
 * What a scan of a server saw.
 *
 * @param server its name
 * @param scannedAt null before the first scan
 * @param reachable it answered, in time
 * @param certificate the one that a handshake showed; null when none did
 * @param uncoveredEndpoints endpoints of the server that the certificate does not name
 * @param enforced the proof of the rules, and two plaintext logins that were tried
 * @param findings the worst first
 */
@Schema(name = "Posture")
@JsonIgnoreProperties(ignoreUnknown = true)
public record Posture(
    String server,
    @Nullable Instant scannedAt,
    Grade grade,
    SslState.Mode mode,
    boolean reachable,
    @Nullable CertificateDescription certificate,
    List<String> uncoveredEndpoints,
    SslState.@Nullable Enforced enforced,
    PlaintextSessions plaintextSessions,
    ProtocolFloor protocols,
    List<PostureFinding> findings) {

  public Posture {
    uncoveredEndpoints = List.copyOf(uncoveredEndpoints);
    findings = List.copyOf(findings);
  }

  /** Of a server that no scan has looked at yet. */
  public static Posture notScanned(String server) {
    return blind(
        server,
        null,
        PostureFinding.of(
            FindingCode.NOT_SCANNED,
            "No scan has looked at this server yet",
            "Wait for the next scan, or POST …/posture:scan"));
  }

  /** Of a server that nothing is known of but this. */
  static Posture blind(String server, @Nullable Instant at, PostureFinding why) {
    return new Posture(
        server,
        at,
        Grade.of(List.of(why)),
        SslState.Mode.UNKNOWN,
        false,
        null,
        List.of(),
        null,
        PlaintextSessions.UNKNOWN,
        ProtocolFloor.UNKNOWN,
        List.of(why));
  }
}
