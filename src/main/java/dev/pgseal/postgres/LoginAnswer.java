package dev.pgseal.postgres;

/** The first message a server answers to a startup packet (POSTGRES protocol 3.0). */
public sealed interface LoginAnswer {

  /**
   * {@code R}: pg_hba.conf admits this type of connection, address, user and database as far as
   * authentication.
   *
   * @param authentication {@code Ok}, {@code CleartextPassword}, {@code MD5Password}, {@code SASL
   *     SCRAM-SHA-256,…}, {@code GSS}, {@code SSPI}
   */
  record Admitted(String authentication) implements LoginAnswer {}

  /**
   * {@code E} with SQLSTATE class 28 or F0000: refused by the rules (or by a {@code peer}, {@code
   * ident} or {@code cert} check at once).
   */
  record Refused(String sqlState, String message) implements LoginAnswer {

    /** By a {@code reject} line, as far as the (untranslated) text tells. */
    public boolean byReject() {
      return message.startsWith("pg_hba.conf rejects");
    }
  }

  /** TLS was asked for and the server said {@code N} or failed the handshake. */
  record TlsNotOffered(String reason) implements LoginAnswer {}

  /** Nothing that decides: slots full (53300), starting up (57P03), no connection, garbage. */
  record Inconclusive(String reason) implements LoginAnswer {}
}
