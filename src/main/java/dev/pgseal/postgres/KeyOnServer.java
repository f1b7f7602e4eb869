package dev.pgseal.postgres;

/** The kind of private key that {@link CsrOnServer} makes. */
public enum KeyOnServer {
  /** EC, P-256. */
  EC_P256("EC"),
  /** RSA, 3072 bits. */
  RSA_3072("RSA");

  private final String argument;

  KeyOnServer(String argument) {
    this.argument = argument;
  }

  String argument() {
    return argument;
  }
}
