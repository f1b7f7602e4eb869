package dev.pgseal.tls;

import dev.pgseal.certificate.RevocationReason;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Where revocations and the lists that publish them are kept. */
public interface RevocationStore {

  /**
   * A revoked certificate.
   *
   * @param issuer fingerprint of the certificate that signed it
   * @param serial lower-case hex
   * @param certificateId of its record, null when there is none
   */
  record Revocation(
      String authority,
      String issuer,
      String serial,
      @Nullable UUID certificateId,
      Instant notAfter,
      Instant revokedAt,
      RevocationReason reason,
      String revokedBy) {}

  /**
   * A signed CRL.
   *
   * @param canaryChain PEM of a client certificate that was made to be revoked in this list: with
   *     it any server is asked whether it has loaded the list
   */
  record SignedList(
      String issuer,
      String authority,
      long number,
      byte[] der,
      Instant thisUpdate,
      Instant nextUpdate,
      String canaryChain) {}

  /** False when it was revoked before; the first revocation stays. */
  boolean revoke(Revocation revocation);

  Optional<Revocation> find(UUID certificateId);

  /** Of one issuer; those that have expired need no entry any more (RFC 5280 §3.3). */
  List<Revocation> revoked(String issuer, Instant expiringAfter);

  boolean anyRevoked(String authority);

  /** The latest of each generation of the authority, newest first. */
  List<SignedList> lists(String authority);

  /** The latest of one issuer, whose certificate two authorities may have in common. */
  Optional<SignedList> latest(String issuer);

  /** Keeps it in place of an older one of the same issuer; false when a newer one is there. */
  boolean keep(SignedList list, byte[] canaryKey);

  /** The unsealed key of the canary, PEM. */
  byte[] canaryKey(String issuer);
}
