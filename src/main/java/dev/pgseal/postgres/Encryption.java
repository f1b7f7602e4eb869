package dev.pgseal.postgres;

/** How a session's traffic travels between client and server. */
public enum Encryption {
  TLS,
  /** Encrypted by GSSAPI. */
  GSS,
  /** TCP without encryption. */
  PLAINTEXT,
  /** Unix socket: never leaves the host. */
  LOCAL,
  /** Our role may not see it (needs {@code pg_read_all_stats}). */
  UNKNOWN
}
