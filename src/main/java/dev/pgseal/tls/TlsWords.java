package dev.pgseal.tls;

import dev.pgseal.postgres.TlsAnswer;

/** Answers to an SSLRequest in words, for problems. */
final class TlsWords {

  private TlsWords() {}

  /** The answer in a few words. */
  static String describe(TlsAnswer answer) {
    if (answer instanceof TlsAnswer.Served served) {
      return "TLS is served, " + served.protocol();
    }
    if (answer instanceof TlsAnswer.HandshakeFailed failed) {
      return "the handshake fails: " + failed.reason();
    }
    if (answer instanceof TlsAnswer.NoAnswer none) {
      return "no answer: " + none.reason();
    }
    return "the server answers N to an SSLRequest";
  }
}
