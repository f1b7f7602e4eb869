package dev.pgseal.posture;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Whether a client could be talked down to something weak. */
final class ProtocolFindings {

  private static final Set<String> OLD = Set.of("", "TLSv1", "TLSv1.1");

  private ProtocolFindings() {}

  static List<PostureFinding> of(ProtocolFloor floor) {
    List<PostureFinding> findings = new ArrayList<>();
    String old = old(floor);
    if (old != null) {
      findings.add(
          PostureFinding.of(
              FindingCode.OLD_PROTOCOL,
              old,
              "PUT …/ssl with minProtocolVersion TLSv1.2 or TLSv1.3"));
    }
    if (floor.weakCiphers().outcome() == ProtocolFloor.Outcome.ACCEPTED) {
      findings.add(
          PostureFinding.of(
              FindingCode.WEAK_CIPHER,
              "The server agrees to " + floor.weakCiphers().accepted(),
              "Set ssl_ciphers to its default: ALTER SYSTEM RESET ssl_ciphers"));
    }
    return findings;
  }

  private static @Nullable String old(ProtocolFloor floor) {
    if (floor.oldProtocols().outcome() == ProtocolFloor.Outcome.ACCEPTED) {
      return "The server agrees to " + floor.oldProtocols().accepted();
    }
    String least = floor.minProtocolVersion();
    if (least != null && OLD.contains(least)) {
      return "ssl_min_protocol_version is "
          + (least.isEmpty() ? "not set" : least)
          + ", though the OpenSSL of the server may not go that low";
    }
    return null;
  }
}
