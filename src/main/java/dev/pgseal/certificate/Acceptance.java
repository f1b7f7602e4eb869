package dev.pgseal.certificate;

/** A known disadvantage that pgseal refuses unless the caller names it as accepted. */
public enum Acceptance {
  /**
   * A leaf whose signature algorithm names no hash for {@code tls-server-end-point} (Ed25519,
   * Ed448, RSASSA-PSS): libpq with its defaults and SCRAM fails on the first two, {@code
   * channelBinding=require} of pgjdbc on all of them.
   */
  SIGNATURE_WITHOUT_CHANNEL_BINDING,

  /**
   * Names that do not cover every endpoint: {@code sslmode=verify-full} fails at those endpoints.
   */
  NAME_MISMATCH
}
