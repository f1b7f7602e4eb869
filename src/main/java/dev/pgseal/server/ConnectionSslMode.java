package dev.pgseal.server;

import java.util.Locale;

/**
 * How pgseal's own connections to a server are encrypted; the modes of libpq's and pgjdbc's {@code
 * sslmode}.
 */
public enum ConnectionSslMode {
  /** Plaintext only. */
  DISABLE,
  /** TLS when the server offers it, plaintext otherwise. The default. */
  PREFER,
  /** TLS, whatever the certificate. */
  REQUIRE,
  /** TLS with a certificate that chains to the server's {@code sslRootCertificate}. */
  VERIFY_CA,
  /** As {@link #VERIFY_CA}, and the certificate names the host we connect to. */
  VERIFY_FULL;

  /** The word that libpq and pgjdbc use, such as {@code verify-full}. */
  public String parameter() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  public boolean verifies() {
    return this == VERIFY_CA || this == VERIFY_FULL;
  }
}
