package dev.pgseal.postgres;

import java.security.cert.X509Certificate;
import java.util.List;

/** What a server answers to an SSLRequest from a fresh socket. */
public sealed interface TlsAnswer {

  /**
   * {@code S}, and the handshake was completed.
   *
   * @param protocol such as {@code TLSv1.3}
   * @param chain leaf first, exactly as sent; not verified
   */
  record Served(String protocol, String cipher, List<X509Certificate> chain) implements TlsAnswer {
    public Served {
      chain = List.copyOf(chain);
    }

    public X509Certificate leaf() {
      return chain.get(0);
    }

    /** SHA-256 of the leaf's DER, lower-case hex without separators. */
    public String fingerprint() {
      return Fingerprints.sha256(leaf());
    }
  }

  /** {@code N}: no TLS context is loaded, whatever {@code SHOW ssl} says. */
  record NotOffered() implements TlsAnswer {}

  /** {@code S}, but the handshake failed. */
  record HandshakeFailed(String reason) implements TlsAnswer {}

  /** No answer that can be read as one: connection refused, timed out, or not PostgreSQL. */
  record NoAnswer(String reason) implements TlsAnswer {}
}
