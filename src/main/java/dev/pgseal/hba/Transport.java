package dev.pgseal.hba;

/** How a client comes in, as far as pg_hba.conf can tell. */
public enum Transport {
  /** Unix socket. */
  LOCAL,
  /** TCP without encryption. */
  PLAINTEXT,
  /** TCP inside TLS. */
  TLS,
  /** TCP encrypted by GSSAPI. */
  GSS
}
