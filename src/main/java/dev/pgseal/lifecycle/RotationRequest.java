package dev.pgseal.lifecycle;

import dev.pgseal.certificate.KeyType;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A rotation as its job keeps it.
 *
 * @param commonName of the new generation; not that of the old one, so that sessions and CRLs can
 *     be told apart by the issuer's name
 * @param serving servers whose certificate the authority issued
 * @param trusting servers that take client certificates of the authority
 * @param streams standby by the primary, among {@code serving}, that it verifies
 */
public record RotationRequest(
    String authority,
    String commonName,
    KeyType keyType,
    Duration validity,
    List<String> serving,
    List<String> trusting,
    Map<String, String> streams) {

  public RotationRequest {
    serving = List.copyOf(serving);
    trusting = List.copyOf(trusting);
    streams = Map.copyOf(streams);
  }
}
