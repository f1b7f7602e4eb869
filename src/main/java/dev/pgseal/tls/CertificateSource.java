package dev.pgseal.tls;

import org.jspecify.annotations.Nullable;

/** Where a server's certificate comes from. */
public sealed interface CertificateSource {

  /**
   * Issued by an authority of pgseal.
   *
   * @param authority its name
   */
  record FromAuthority(String authority) implements CertificateSource {}

  /** Signed by its own key. */
  record SelfSigned() implements CertificateSource {}

  /**
   * Brought along. Never shown: the key is inside.
   *
   * @param chainPem leaf first
   * @param passphrase of an encrypted key
   */
  record Provided(String chainPem, String keyPem, @Nullable String passphrase)
      implements CertificateSource {
    @Override
    public String toString() {
      return "Provided[]";
    }
  }
}
