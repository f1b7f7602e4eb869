package dev.pgseal.tls;

/** How a private key got to where it is used. */
public enum KeyOrigin {
  /** Made there by openssl; only the certificate signing request came back. */
  MADE_ON_SERVER,
  SENT_OVER_TLS,
  /** Over TLS that a throw-away key had turned on, because the first contact was plaintext. */
  SENT_AFTER_FIRST_CONTACT
}
