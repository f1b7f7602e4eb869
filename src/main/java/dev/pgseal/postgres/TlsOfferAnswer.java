package dev.pgseal.postgres;

/** What a server made of a {@link TlsOffer}. */
public sealed interface TlsOfferAnswer {

  /** It goes on with this protocol, such as {@code TLSv1.1}, and this cipher suite. */
  record Accepted(String protocol, String cipher) implements TlsOfferAnswer {}

  /** It ends the handshake, or offers no TLS at all. */
  record Refused(String reason) implements TlsOfferAnswer {}

  /** Nothing can be said. */
  record Inconclusive(String reason) implements TlsOfferAnswer {}
}
